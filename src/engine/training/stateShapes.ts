import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { stateSpecs } from '../losses/stageMemory.ts'
import { optimizers } from '../optim/registry.ts'
import { updaterLayout } from '../optim/updaterLayout.ts'
import { learnersOf, lossSizes, weightSpecs } from './weightSpecs.ts'

type Shapes = Map<string, readonly number[]>

/** Names in checkpoints of what belongs to a stage beside the weights: `optimizer.<slot>.<weight>`, `ema.<weight>`. */
export const statePrefix = {
  slot: (slot: string) => `optimizer.${slot}.`,
  average: 'ema.',
} as const

/** Tensors in a checkpoint of a stage, of a phase that began at `step`: shapes of the weights and of all, and which hold whole numbers. */
export function stateShapes(
  config: RunConfig,
  stage: StageConfig,
  facts: DataFacts,
  step: number,
): { weights: Shapes; all: Shapes; integers: ReadonlySet<string> } {
  const specs = weightSpecs(config, facts)
  const weights: Shapes = new Map(specs.map(({ name, shape }) => [name, shape]))
  const all: Shapes = new Map(weights)
  const integers = new Set<string>()
  const learners = learnersOf(stage, specs, { step, towers: [] }).map(({ spec }) => spec)
  const placing = { mostElements: Infinity, pageOf: () => 0 }
  const { slots } = updaterLayout(optimizers.get(stage.optimizer.kind), stage.optimizer, learners, placing)
  for (const [slot, { places }] of slots)
    for (const { name, shape } of places.values()) all.set(`${statePrefix.slot(slot)}${name}`, shape)
  for (const [name, { shape, dtype }] of stateSpecs(stage, lossSizes(config, stage, facts))) {
    all.set(name, shape)
    if (dtype === 'int32') integers.add(name)
  }
  if (stage.weightAverage.isEnabled)
    for (const [name, shape] of weights) all.set(`${statePrefix.average}${name}`, shape)
  return { weights, all, integers }
}

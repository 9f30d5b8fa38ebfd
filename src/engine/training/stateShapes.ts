import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { nextTokenSizes } from '../models/modelInputs.ts'
import { models } from '../models/registry.ts'
import { treatmentOf } from '../optim/components.ts'
import { optimizers } from '../optim/registry.ts'
import { updaterLayout } from '../optim/updaterLayout.ts'

type Shapes = Map<string, readonly number[]>

/** Names in checkpoints of what belongs to a stage beside the weights: `optimizer.<slot>.<weight>`, `ema.<weight>`. */
export const statePrefix = {
  slot: (slot: string) => `optimizer.${slot}.`,
  average: 'ema.',
} as const

/** Shapes of the tensors in a checkpoint of a stage: those of the weights, and all. */
export function stateShapes(
  config: RunConfig,
  stage: StageConfig,
  vocabSize: number,
): { weights: Shapes; all: Shapes } {
  const specs = models.get(config.model.kind).parameters(config.model, nextTokenSizes(vocabSize))
  const weights: Shapes = new Map(specs.map(({ name, shape }) => [name, shape]))
  const all: Shapes = new Map(weights)
  const learners = specs.filter(({ name }) => !treatmentOf(stage.components, name).isFrozen)
  const placing = { mostElements: Infinity, pageOf: () => 0 }
  const { slots } = updaterLayout(optimizers.get(stage.optimizer.kind), stage.optimizer, learners, placing)
  for (const [slot, { places }] of slots)
    for (const { name, shape } of places.values()) all.set(`${statePrefix.slot(slot)}${name}`, shape)
  if (stage.weightAverage.isEnabled)
    for (const [name, shape] of weights) all.set(`${statePrefix.average}${name}`, shape)
  return { weights, all }
}

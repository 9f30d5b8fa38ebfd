import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { Scalar, Tensor } from '../backend/tfjs.ts'
import { reshape } from '../backend/tfjs.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import { balanceNumbers, balanceState, type BalanceSettings } from './balance.ts'
import type { LossMemory, LossSizes, StateSpec } from './defineLoss.ts'
import { losses } from './registry.ts'

type StageLosses = StageConfig['losses']

/** What the losses of a stage are called in charts and checkpoints: `<loss>`, `<loss>.2` for a second of its name. */
export function lossKeys(stageLosses: readonly { readonly name: string }[]): string[] {
  return stageLosses.map(({ name }, i) => {
    const earlier = stageLosses.slice(0, i).filter((other) => other.name === name).length
    return earlier === 0 ? name : `${name}.${earlier + 1}`
  })
}

/** Name of what a loss keeps, among weights and in checkpoints. */
export function lossTensorName(key: string, name: string): string {
  return `loss.${key}.${name}`
}

/** Whether a name, of {@link learnedNumbers} or {@link stateSpecs}, belongs to a loss. */
export function isOfLoss(name: string): boolean {
  return name.startsWith('loss.')
}

/** The numbers that a stage's losses learn, as weights. */
export function learnedNumbers(stage: BalanceSettings): ParameterSpec[] {
  const { losses: stageLosses } = stage
  const keys = lossKeys(stageLosses)
  const own = stageLosses.flatMap(({ name, params }, i) =>
    Object.entries(losses.get(name).scalars(params)).map(([scalar, value]): ParameterSpec => ({
      name: lossTensorName(keys[i]!, scalar),
      shape: [1],
      kind: 'vector',
      init: { kind: 'constant', value },
    })),
  )
  return [...own, ...balanceNumbers(stage)]
}

/** The same for all stages: what a later one has too goes on from where it is, whatever it begins with there. */
export function allLearnedNumbers({ stages }: Pick<RunConfig, 'stages'>): ParameterSpec[] {
  const byName = new Map<string, ParameterSpec>()
  for (const spec of stages.flatMap(learnedNumbers)) if (!byName.has(spec.name)) byName.set(spec.name, spec)
  return [...byName.values()]
}

/** The tensors that a stage's losses keep from step to step, and their balance. */
export function stateSpecs(stage: BalanceSettings, sizes: LossSizes): Map<string, StateSpec> {
  const { losses: stageLosses } = stage
  const keys = lossKeys(stageLosses)
  const own = stageLosses.flatMap(({ name, params }, i) =>
    Object.entries(losses.get(name).state(params, sizes)).map(
      ([part, spec]) => [lossTensorName(keys[i]!, part), spec] as const,
    ),
  )
  return new Map([...own, ...balanceState(stage)])
}

/** What each loss of a stage is given. */
export function memoriesOf(
  stageLosses: StageLosses,
  sizes: LossSizes,
  kept: { readonly weights: Weights; readonly state: Weights },
): LossMemory[] {
  const keys = lossKeys(stageLosses)
  return stageLosses.map(({ name, params }, i) => {
    const loss = losses.get(name)
    const pick = <T extends Tensor>(names: string[], from: (name: string) => T): { [part: string]: T } =>
      Object.fromEntries(names.map((part) => [part, from(lossTensorName(keys[i]!, part))]))
    return {
      scalars: pick(
        Object.keys(loss.scalars(params)),
        (name) => reshape(kept.weights.get(name)!, []) as Scalar,
      ),
      state: pick(Object.keys(loss.state(params, sizes)), (name) => kept.state.get(name)!),
    }
  })
}

/** The states that losses gave, under their names among all. */
export function namedStates(
  stageLosses: StageLosses,
  states: readonly (LossMemory['state'] | undefined)[],
): Map<string, Tensor> {
  const keys = lossKeys(stageLosses)
  return new Map(
    states.flatMap((state, i) =>
      Object.entries(state ?? {}).map(([part, tensor]) => [lossTensorName(keys[i]!, part), tensor] as const),
    ),
  )
}

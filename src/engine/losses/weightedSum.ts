import type { StageConfig } from '../../core/runConfig.ts'
import { add, mul, type Scalar } from '../backend/tfjs.ts'
import type { LossMemory } from './defineLoss.ts'
import type { LossInputs } from './lossInputs.ts'
import { losses } from './registry.ts'
import { lossKeys } from './stageMemory.ts'

type StageLosses = StageConfig['losses']

/** The losses of a stage, one by one. */
export interface ComputedLosses {
  readonly values: readonly Scalar[]
  /** `<loss>` for each loss where there are several (`<loss>.2` for a second of its name), `<loss>/<term>` for terms. */
  readonly parts: ReadonlyMap<string, Scalar>
  /** Of each loss after this step; undefined for those that keep nothing. */
  readonly states: readonly (LossMemory['state'] | undefined)[]
}

/** @param memories of each loss; may be left out where none keeps or learns anything */
export function computeLosses(
  stageLosses: readonly Pick<StageLosses[number], 'name' | 'params'>[],
  inputs: Partial<LossInputs>,
  memories: readonly LossMemory[] = [],
): ComputedLosses {
  const keys = lossKeys(stageLosses)
  const parts = new Map<string, Scalar>()
  const results = stageLosses.map(({ name, params }, i) =>
    losses.get(name).compute(params, inputs, memories[i]),
  )
  results.forEach((result, i) => {
    const key = keys[i]!
    if (stageLosses.length > 1) parts.set(key, result.loss)
    for (const [term, value] of Object.entries(result.parts)) parts.set(`${key}/${term}`, value)
  })
  return {
    values: results.map(({ loss }) => loss),
    parts,
    states: results.map(({ state }) => state),
  }
}

/** The losses of a stage, added up by their weights whatever the step: what validation reports. */
export function weightedSum(
  stageLosses: readonly Pick<StageLosses[number], 'name' | 'params' | 'weight'>[],
  inputs: Partial<LossInputs>,
  memories: readonly LossMemory[] = [],
): { total: Scalar; parts: ReadonlyMap<string, Scalar> } {
  const { values, parts } = computeLosses(stageLosses, inputs, memories)
  const terms = values.map((value, i): Scalar => {
    const { weight } = stageLosses[i]!
    return weight === 1 ? value : mul(value, weight)
  })
  return { total: terms.reduce((total, term): Scalar => add(total, term)), parts }
}

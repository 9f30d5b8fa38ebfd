import type { StageConfig } from '../../core/runConfig.ts'
import { add, mul, type Scalar } from '../backend/tfjs.ts'
import type { LossMemory } from './defineLoss.ts'
import type { LossInputs } from './lossInputs.ts'
import { losses } from './registry.ts'
import { lossKeys } from './stageMemory.ts'

export interface StageLoss {
  readonly total: Scalar
  /** `<loss>` for each loss where there are several (`<loss>.2` for a second of its name), `<loss>/<term>` for terms. */
  readonly parts: ReadonlyMap<string, Scalar>
  /** Of each loss after this step; undefined for those that keep nothing. */
  readonly states: readonly (LossMemory['state'] | undefined)[]
}

/**
 * The losses of a stage, summed with their weights. Parts are unweighted.
 * @param memories of each loss; may be left out where none keeps or learns anything
 */
export function weightedSum(
  stageLosses: StageConfig['losses'],
  inputs: Partial<LossInputs>,
  memories: readonly LossMemory[] = [],
): StageLoss {
  const keys = lossKeys(stageLosses)
  const parts = new Map<string, Scalar>()
  const results = stageLosses.map(({ name, params }, i) =>
    losses.get(name).compute(params, inputs, memories[i]),
  )
  let total: Scalar | null = null
  results.forEach((result, i) => {
    const { weight } = stageLosses[i]!
    const key = keys[i]!
    if (stageLosses.length > 1) parts.set(key, result.loss)
    for (const [term, value] of Object.entries(result.parts)) parts.set(`${key}/${term}`, value)
    const term = weight === 1 ? result.loss : (mul(result.loss, weight) as Scalar)
    total = total === null ? term : (add(total, term) as Scalar)
  })
  return { total: total!, parts, states: results.map(({ state }) => state) }
}

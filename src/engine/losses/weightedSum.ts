import type { StageConfig } from '../../core/runConfig.ts'
import { add, mul, type Scalar } from '../backend/tfjs.ts'
import type { LossInputs } from './lossInputs.ts'
import { losses } from './registry.ts'

export interface StageLoss {
  readonly total: Scalar
  /** `<loss>` for each loss where there are several (`<loss>.2` for a second of its name), `<loss>/<term>` for terms. */
  readonly parts: ReadonlyMap<string, Scalar>
}

/** The losses of a stage, summed with their weights. Parts are unweighted. */
export function weightedSum(stageLosses: StageConfig['losses'], inputs: Partial<LossInputs>): StageLoss {
  const parts = new Map<string, Scalar>()
  let total: Scalar | null = null
  stageLosses.forEach(({ name, weight, params }, i) => {
    const result = losses.get(name).compute(params, inputs)
    const earlier = stageLosses.slice(0, i).filter((other) => other.name === name).length
    const key = earlier === 0 ? name : `${name}.${earlier + 1}`
    if (stageLosses.length > 1) parts.set(key, result.loss)
    for (const [term, value] of Object.entries(result.parts)) parts.set(`${key}/${term}`, value)
    const term = weight === 1 ? result.loss : (mul(result.loss, weight) as Scalar)
    total = total === null ? term : (add(total, term) as Scalar)
  })
  return { total: total!, parts }
}

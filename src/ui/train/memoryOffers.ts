import type { RunConfig } from '../../core/runConfig.ts'
import type { EstimateState } from '../../runs/estimate.svelte.ts'
import { isOverBudget } from './memoryParts.ts'

type MemoryPlan = NonNullable<EstimateState['value']>['memory']

/** What can be done about a run that takes too much, as changes of settings. */
export interface MemoryOffer {
  readonly label: string
  /** What it costs. */
  readonly help: string
  readonly changes: readonly {
    readonly path: readonly (string | number)[]
    readonly value: number | string
  }[]
}

/** Most that a stage may add up, by the settings. */
const mostAccumulated = 1024

/** For a plan over its budget, or with a buffer that the adapter does not allow; else none. */
export function memoryOffers(plan: MemoryPlan, { stages, memory }: RunConfig): MemoryOffer[] {
  const isTooLarge = plan.limit !== null && plan.largest.sizeBytes > plan.limit.bytes
  if (!isOverBudget(plan) && !isTooLarge) return []
  const offers: MemoryOffer[] = []
  if (memory.gradientCheckpointing === 'off' && isOverBudget(plan))
    offers.push({
      label: 'Compute blocks again when needed',
      help: 'Gradient checkpointing: the same numbers, for up to a third more work.',
      changes: [{ path: ['memory', 'gradientCheckpointing'], value: 'auto' }],
    })
  const { batchSize, accumulationSteps } = stages[plan.stageIndex]!
  const [half, steps] = [batchSize / 2, accumulationSteps * 2]
  if (Number.isInteger(half) && half >= 1 && steps <= mostAccumulated)
    offers.push({
      label: `${steps} batches of ${half} an update`,
      help: `Instead of ${accumulationSteps} of ${batchSize}: the same update in less memory, but for losses that compare the items of a batch, which see fewer.`,
      changes: [
        { path: ['stages', plan.stageIndex, 'batchSize'], value: half },
        { path: ['stages', plan.stageIndex, 'accumulationSteps'], value: steps },
      ],
    })
  return offers
}

import type { DataFacts } from '../../../core/dataFacts.ts'
import { reshape, type Tensor1D } from '../../backend/tfjs.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import { ignoredTarget, type LossInputs } from '../../losses/lossInputs.ts'
import { logitsOf } from '../../models/modelInputs.ts'
import { factOf, type ArraySpec, type MeasuredBatch } from '../defineTask.ts'

/** What tasks share that tell one of the classes of each item. */
export const labelsArray = (facts: DataFacts): ArraySpec => ({
  dtype: 'int32',
  perItem: 1,
  range: [ignoredTarget, factOf(facts, 'classes').length - 1],
  label: 'labels',
  isTarget: true,
})

export function lackOfClasses({ classes, targetTokens }: DataFacts): string | null {
  if (targetTokens !== undefined)
    return 'needs a target with classes, and this one is a text: the task translation learns to write it'
  const count = classes?.length ?? 0
  if (count >= 2) return null
  return count === 0 ? 'needs items with labels, and these have none' : 'needs at least 2 classes, got 1'
}

/** [B * C]: the scores as they are. */
export function measureScores({ classes }: Partial<LossInputs>): Tensor1D {
  return reshape(logitsOf({ logits: classes!.logits }), [-1])
}

/** What is asked of each item: the name of its array, and what its numbers mean. */
export interface Question {
  readonly array: string
  readonly classes: readonly string[]
}

export const ofLabels = (facts: DataFacts): Question => ({
  array: 'labels',
  classes: factOf(facts, 'classes'),
})

/** Scores and right classes of all items that count; the labels by default. */
export function collectScores(
  batches: readonly MeasuredBatch[],
  facts: DataFacts,
  { array, classes }: Question = ofLabels(facts),
): Measured['classes'] {
  const numClasses = classes.length
  const count = batches.reduce((sum, { validItems }) => sum + validItems, 0)
  const logits = new Float32Array(count * numClasses)
  const targets = new Int32Array(count)
  let at = 0
  for (const { arrays, validItems, measured } of batches) {
    logits.set(measured.subarray(0, validItems * numClasses), at * numClasses)
    targets.set(arrays[array]!.subarray(0, validItems), at)
    at += validItems
  }
  return { logits, targets, numClasses }
}

import type { DataFacts } from '../../../core/dataFacts.ts'
import { offTape } from '../../backend/offTape.ts'
import {
  equal,
  fill,
  reshape,
  slice,
  sub,
  where,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import { ignoredTarget, type LossInputs } from '../../losses/lossInputs.ts'
import { logitsOf, outputOf, type ModelOutput } from '../../models/modelInputs.ts'
import { factOf, type ArraySpec, type MeasuredBatch } from '../defineTask.ts'

/** What tasks share that tell one of the classes of each item. */
export const labelsArray = (facts: DataFacts): ArraySpec => ({
  dtype: 'int32',
  perItem: 1,
  range: [ignoredTarget, factOf(facts, 'classes').length - 1],
  label: 'labels',
  isTarget: true,
})

export function lackOfClasses({ classes, labels, target, targetTokens }: DataFacts): string | null {
  if (targetTokens !== undefined)
    return 'needs a target with classes, and this one is a text: the task translation learns to write it'
  const count = classes?.length ?? 0
  if (count >= 2) return null
  if (labels !== undefined)
    return 'needs one class of each item, and this target has several: the task multi-label-classification learns them'
  if (count === 0 && target !== undefined)
    return 'needs a target with classes, and this one is a number (data.table.targetKind: class takes each of its values as one)'
  return count === 0 ? 'needs items with labels, and these have none' : 'needs at least 2 classes, got 1'
}

/** What `classInputs` gives. */
export const classKinds = ['classes', 'binary'] as const

/**
 * What losses need of the scores of classes. Of two classes the second is also asked for by yes or no: its logit less that
 * of the first is that of its probability.
 * @param counts items of the training part that have each class; null where nobody counted
 */
export function classInputs(
  output: ModelOutput,
  targets: Tensor1D,
  counts: readonly number[] | null,
): Pick<LossInputs, 'classes'> & Partial<Pick<LossInputs, 'binary'>> {
  const classes = { logits: outputOf(output, 'logits'), targets, classCounts: counts }
  const { logits } = classes
  if ('table' in logits || logits.shape[1] !== 2) return { classes }
  const of = (column: number): Tensor2D => slice(logits, [0, column], [-1, 1])
  const [no = 0, yes = 0] = counts ?? []
  return {
    classes,
    binary: {
      logits: sub(of(1), of(0)),
      targets: offTape((): Tensor => {
        const isYes = reshape(equal(targets, fill([1], 1, 'int32')), [-1, 1])
        return where(isYes, fill(isYes.shape, 1), fill(isYes.shape, 0))
      }) as Tensor2D,
      positiveWeights: null,
      positiveShares: counts && [yes / (yes + no)],
    },
  }
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

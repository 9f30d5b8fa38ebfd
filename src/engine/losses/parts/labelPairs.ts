import {
  equal,
  expandDims,
  greaterEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  range,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'

/** What every two rows of a labelled batch are to each other. */
export interface LabelPairs {
  /** bool [N, N]: two rows of one label; never a row with itself */
  readonly positive: Tensor2D
  /** bool [N, N]: two rows of different labels */
  readonly negative: Tensor2D
}

/** @param labels int32 [N] */
export function labelPairs(labels: Tensor1D): LabelPairs {
  const isSame: Tensor2D = equal(expandDims(labels, 1), expandDims(labels, 0))
  return { positive: logicalAnd(isSame, logicalNot(diagonal(labels.size))), negative: logicalNot(isSame) }
}

/** bool [N, N]: where row and column are the same. */
export function diagonal(count: number): Tensor2D {
  const index = range(0, count, 1, 'int32')
  return equal(expandDims(index, 1), expandDims(index, 0))
}

/**
 * What rows of one side are to those of the other: rows of one id, or each row with its own.
 * @param ids int32 [B] of both sides, or null
 */
export function sidePairs(ids: Tensor1D | null, count: number): LabelPairs {
  const positive: Tensor2D = ids === null ? diagonal(count) : equal(expandDims(ids, 1), expandDims(ids, 0))
  return { positive, negative: logicalNot(positive) }
}

/** The setting of {@link withAlike}. */
export const alikeThreshold = {
  type: 'number',
  label: 'Threshold',
  help: 'The cosine from which rows are positives, where those that are alike are.',
  min: -1,
  max: 1,
  step: 0.05,
} as const

/**
 * The same, and rows whose cosine is a threshold or more are positives of each other, too. Without a gradient.
 * @param cosines [N, M]
 */
export function withAlike({ positive }: LabelPairs, cosines: Tensor2D, threshold: number): LabelPairs {
  const both = offTape(() => logicalOr(positive, greaterEqual(cosines, threshold)) as Tensor2D)
  return { positive: both, negative: logicalNot(both) }
}

/** The same among rows of one side: a row is nothing to itself. */
export function withoutSelf({ positive, negative }: LabelPairs): LabelPairs {
  const isOther = logicalNot(diagonal(positive.shape[0]))
  return { positive: logicalAnd(positive, isOther), negative: logicalAnd(negative, isOther) }
}

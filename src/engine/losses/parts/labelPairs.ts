import {
  equal,
  expandDims,
  logicalAnd,
  logicalNot,
  range,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'

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

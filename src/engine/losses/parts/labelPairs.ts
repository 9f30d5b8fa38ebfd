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
import { allRows, type RowChunk } from '../../kernels/rowChunks.ts'
import { rowsIn } from './rowBlocks.ts'

/** What some rows of a labelled batch are to all of it. */
export interface LabelPairs {
  /** bool [C, N]: two rows of one label; never a row with itself */
  readonly positive: Tensor2D
  /** bool [C, N]: two rows of different labels */
  readonly negative: Tensor2D
}

/** @param labels int32 [N] */
export function labelPairs(labels: Tensor1D, block: RowChunk): LabelPairs {
  const isSame = sameIn(labels, block)
  const isSelf = diagonal(labels.size, block)
  return { positive: logicalAnd(isSame, logicalNot(isSelf)), negative: logicalNot(isSame) }
}

/** bool [C, N]: where row and column are the same; of all rows by default. */
export function diagonal(count: number, block: RowChunk = allRows(count)): Tensor2D {
  const rows = range(block.first, block.first + block.count, 1, 'int32')
  return equal(expandDims(rows, 1), expandDims(range(0, count, 1, 'int32'), 0))
}

/**
 * What rows of one side are to those of the other: rows of one id, or each row with its own.
 * @param ids int32 [B] of both sides, or null
 */
export function sidePairs(ids: Tensor1D | null, count: number, block: RowChunk): LabelPairs {
  const positive = ids === null ? diagonal(count, block) : sameIn(ids, block)
  return { positive, negative: logicalNot(positive) }
}

function sameIn(ids: Tensor1D, block: RowChunk): Tensor2D {
  return equal(expandDims(rowsIn(ids, block), 1), expandDims(ids, 0))
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
 * @param cosines [C, N]
 */
export function withAlike({ positive }: LabelPairs, cosines: Tensor2D, threshold: number): LabelPairs {
  const both = offTape(() => logicalOr(positive, greaterEqual(cosines, threshold)) as Tensor2D)
  return { positive: both, negative: logicalNot(both) }
}

/** The same among rows of one side: a row is nothing to itself. */
export function withoutSelf({ positive, negative }: LabelPairs, block: RowChunk): LabelPairs {
  const isOther = logicalNot(diagonal(positive.shape[1], block))
  return { positive: logicalAnd(positive, isOther), negative: logicalAnd(negative, isOther) }
}

import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { ShapeError } from '../../../core/errors.ts'
import { checkTensor } from '../shapes.ts'

/**
 * Who belongs together. Number n: row i has id i mod n, as has column i. int32 ids of rows [N] and of columns [M]: equal
 * ones. int32 sets [N, W] and [M, W], the lower 31 bits of each word: those that share a bit.
 */
export type SimilarityIds = number | { rows: Tensor1D | Tensor2D; columns: Tensor1D | Tensor2D }

/** What the rows and columns of a matrix of similarities are to each other. */
export interface PairOptions {
  /** Columns with a row's id are its positives. */
  ids: SimilarityIds
  /** Row i and column i are the same entry, which is neither positive nor negative. */
  excludesSelf: boolean
  /** So many columns, the last ones, are negatives of every row, whatever their id unless it is looked at. */
  extraNegatives: number
  /** Extra columns with a row's id are not its negatives; those with an id below 0 are nobody's: empty places. */
  areExtraIdsSeen: boolean
  /** The other columns with another id are negatives, too. */
  hasBatchNegatives: boolean
  /** Factor of the similarities, 1 / temperature; a scalar tensor holds its logarithm and gets a gradient. */
  scale: number | Scalar
  /** Factor of the loss. */
  weight: number
}

/** @throws ShapeError */
export function checkPairs(where: string, a: Tensor2D, b: Tensor2D, options: PairOptions): void {
  const { ids, scale, areExtraIdsSeen } = options
  checkTensor(`${where} a`, a, [null, null])
  checkTensor(`${where} b`, b, [null, a.shape[1]])
  if (typeof ids !== 'number') {
    const words = ids.rows.shape.slice(1)
    checkTensor(`${where} ids of rows`, ids.rows, [a.shape[0], ...words.slice(0, 1)], 'int32')
    checkTensor(`${where} ids of columns`, ids.columns, [b.shape[0], ...words], 'int32')
  }
  if (areExtraIdsSeen && (typeof ids === 'number' || ids.rows.rank === 2)) {
    const got = typeof ids === 'number' ? `the number ${ids}` : 'sets'
    throw new ShapeError(`${where}: ids of extra columns can be seen where ids are given, got ${got}`, {
      code: 'similarity-options',
      remedy: 'Give one id to each row and each column.',
    })
  }
  if (typeof scale !== 'number') checkTensor(`${where} scale`, scale, [])
}

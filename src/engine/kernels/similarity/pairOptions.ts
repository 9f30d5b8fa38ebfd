import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { ShapeError } from '../../../core/errors.ts'
import { checkTensor } from '../shapes.ts'

/** Who belongs together: int32 ids of rows [N] and of columns [M], or number n: row i has id i mod n, as has column i. */
export type SimilarityIds = number | { rows: Tensor1D; columns: Tensor1D }

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
    checkTensor(`${where} ids of rows`, ids.rows, [a.shape[0]], 'int32')
    checkTensor(`${where} ids of columns`, ids.columns, [b.shape[0]], 'int32')
  }
  if (areExtraIdsSeen && typeof ids === 'number')
    throw new ShapeError(
      `${where}: ids of extra columns can be seen where ids are given, got the number ${ids}`,
      {
        code: 'similarity-options',
        remedy: 'Give the ids of rows and columns.',
      },
    )
  if (typeof scale !== 'number') checkTensor(`${where} scale`, scale, [])
}

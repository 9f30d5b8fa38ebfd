import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedSimilarityLoss } from './similarityKernel.ts'
import { similarityTwin } from './similarityTwin.ts'

/** Who belongs together: int32 ids of rows [N] and of columns [M], or number n: row i has id i mod n, as has column i. */
export type SimilarityIds = number | { rows: Tensor1D; columns: Tensor1D }

export interface SimilarityOptions {
  /** Columns with a row's id are its positives. */
  ids: SimilarityIds
  /** Row i and column i are the same entry, which is neither positive nor negative. */
  excludesSelf: boolean
  /** So many columns, the last ones, are negatives of every row, whatever their id. */
  extraNegatives: number
  /** The other columns with another id are negatives, too. */
  hasBatchNegatives: boolean
  /** Factor of the similarities, 1 / temperature; a scalar tensor holds its logarithm and gets a gradient. */
  scale: number | Scalar
  /** Factor of the loss: 1/2 for each direction of a symmetric one. */
  weight: number
}

/**
 * Mean, over rows that have a positive, of logsumexp over positives and negatives minus the mean of the positives, of
 * scaled similarities a · bᵀ: InfoNCE (van den Oord et al. 2018), NT-Xent (Chen et al. 2020), supervised contrastive
 * (Khosla et al. 2020, L_out), a queue of negatives (He et al. 2020); CLIP (Radford et al. 2021) as the sum of both
 * directions. 0, without a gradient, where no row has a positive. The similarities are made for some rows at a time,
 * 32 MB of them at most, and again in the backward pass.
 * @param a [N, D]
 * @param b [M, D]
 * @throws ShapeError
 */
export function similarityLoss(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Scalar {
  checkTensor('similarityLoss a', a, [null, null])
  checkTensor('similarityLoss b', b, [null, a.shape[1]])
  const { ids, scale } = options
  if (typeof ids !== 'number') {
    checkTensor('similarityLoss ids of rows', ids.rows, [a.shape[0]], 'int32')
    checkTensor('similarityLoss ids of columns', ids.columns, [b.shape[0]], 'int32')
  }
  if (typeof scale !== 'number') checkTensor('similarityLoss scale', scale, [])
  const backend = fusedBackend('similarity', a, b)
  return backend === null ? similarityTwin(a, b, options) : fusedSimilarityLoss(backend, a, b, options)
}

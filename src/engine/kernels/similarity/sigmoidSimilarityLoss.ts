import type { Scalar, Tensor2D } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { checkPairs, type PairOptions } from './pairOptions.ts'
import { fusedSigmoidSimilarity } from './sigmoidKernel.ts'
import { sigmoidSimilarityTwin } from './similarityTwin.ts'

export interface SigmoidSimilarityOptions extends PairOptions {
  /** Added to the scaled similarities; a scalar tensor gets a gradient. */
  bias: number | Scalar
}

/**
 * Each pair as a question of its own: the sum over positives of -log σ(l) and over negatives of -log σ(-l), divided by
 * the number of rows, with l = scale · (a · bᵀ) + bias (SigLIP, Zhai et al. 2023). The similarities are made once, for
 * some rows at a time, 32 MB of them at most.
 * @param a [N, D]
 * @param b [M, D]
 * @throws ShapeError
 */
export function sigmoidSimilarityLoss(a: Tensor2D, b: Tensor2D, options: SigmoidSimilarityOptions): Scalar {
  checkPairs('sigmoidSimilarityLoss', a, b, options)
  const { bias } = options
  if (typeof bias !== 'number') checkTensor('sigmoidSimilarityLoss bias', bias, [])
  const backend = fusedBackend('similarity', a, b)
  return backend === null
    ? sigmoidSimilarityTwin(a, b, options)
    : fusedSigmoidSimilarity(backend, a, b, options)
}

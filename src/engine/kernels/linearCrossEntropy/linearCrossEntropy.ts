import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { crossEntropyTwin, type CrossEntropyOptions } from '../crossEntropy/crossEntropy.ts'
import { rowScoresTwin } from '../linear/rowScores.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { tidy } from '../../backend/tfjs.ts'
import { fusedLinearCrossEntropy } from './linearCrossEntropyKernel.ts'

/**
 * `crossEntropy(x · tableᵀ, targets)` for large vocabularies, without the logits: they are made for some rows at a time
 * and turned into their gradient in place (Wijmans et al. 2024, "Cut your losses in large-vocabulary language models";
 * chunks as in Hsu et al. 2024, "Liger kernel"). At most 32 MB of logits, or 64 rows of them, at a time.
 * @param x [N, D]
 * @param table [V, D]
 * @param targets int32 [N], each in 0..V-1 or `ignoreIndex`
 * @throws ShapeError
 */
export function linearCrossEntropy(
  x: Tensor2D,
  table: Tensor2D,
  targets: Tensor1D,
  options: CrossEntropyOptions,
): Scalar {
  checkTensor('linearCrossEntropy x', x, [null, null])
  checkTensor('linearCrossEntropy table', table, [null, x.shape[1]])
  checkTensor('linearCrossEntropy targets', targets, [x.shape[0]], 'int32')
  const backend = fusedBackend('linearCrossEntropy', x, table)
  if (backend !== null) return fusedLinearCrossEntropy(backend, { x, table, targets }, options)
  return tidy(() => crossEntropyTwin(rowScoresTwin(x, table), targets, options))
}

import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { rmsNormTwin } from '../rmsNorm/rmsNorm.ts'
import { checkTensor } from '../shapes.ts'
import { layerNormTwin } from './layerNorm.ts'
import { fusedNormFork } from './normKernel.ts'

export interface NormForkOptions {
  kind: 'layer-norm' | 'rms-norm'
  epsilon: number
  /** How the normalised rows are stored: f32 by default, and by twins. */
  stored?: StoredType
}

/**
 * Where a stream goes on and into a normalisation as well, as at the start of a pre-norm block: x itself and its
 * normalised rows. The gradients of the two ways meet inside the backward dispatch instead of in one of their own.
 * @param x [N, D]
 * @param gain [D], or null for 1
 * @param bias [D], or null for 0 (as it has to be for `rms-norm`)
 * @returns x (the same memory), and y [N, D] as {@link layerNorm} or {@link rmsNorm} give it
 * @throws ShapeError
 */
export function normFork(
  x: Tensor2D,
  gain: Tensor1D | null,
  bias: Tensor1D | null,
  { kind, epsilon, stored = 'f32' }: NormForkOptions,
): [x: Tensor2D, y: Tensor2D] {
  checkTensor('normFork x', x, [null, null])
  if (gain) checkTensor('normFork gain', gain, [x.shape[1]])
  if (bias) checkTensor('normFork bias', bias, [kind === 'layer-norm' ? x.shape[1] : 0])
  const backend = fusedBackend(kind === 'layer-norm' ? 'layerNorm' : 'rmsNorm', x)
  if (backend !== null) {
    return fusedNormFork(backend, x, { isCentred: kind === 'layer-norm', gain, bias, epsilon, stored })
  }
  const y = kind === 'layer-norm' ? layerNormTwin(x, gain, bias, epsilon) : rmsNormTwin(x, gain, epsilon)
  return [tf.clone(x), y]
}

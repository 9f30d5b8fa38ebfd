import { ShapeError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { checkRate, type DropoutOptions } from './dropout.ts'
import { dropoutMask } from './dropoutMask.ts'
import { fusedDropPath } from './dropPathKernel.ts'

export interface DropPath {
  /** [B*T, D]: what a branch of a block gives. */
  readonly x: Tensor2D
  /** [B*T, D], added after it; its gradient is that of the output. */
  readonly residual: Tensor2D
  readonly batchSize: number
}

/**
 * residual + x · factor, where each sample's factor is 0 with probability `rate`, else 1 / (1 - rate): stochastic depth
 * (Huang et al. 2016) in its inverted form. Sample b has the factor that `dropout` gives to number b.
 * @returns [B*T, D]
 * @throws ConfigError when the rate is not in [0, 1); ShapeError
 */
export function dropPath(path: DropPath, options: DropoutOptions): Tensor2D {
  const { x, residual, batchSize } = path
  checkRate(options.rate)
  checkTensor('dropPath x', x, [null, null])
  checkTensor('dropPath residual', residual, x.shape)
  if (!Number.isInteger(batchSize) || batchSize < 1 || x.shape[0] % batchSize !== 0) {
    throw new ShapeError(`dropPath: batchSize must divide the ${x.shape[0]} rows of x, got ${batchSize}`, {
      code: 'batch-size',
    })
  }
  if (options.rate === 0) return tf.add(residual, x)
  const backend = fusedBackend('dropout', x)
  return backend === null ? dropPathTwin(path, options) : fusedDropPath(backend, path, options)
}

function dropPathTwin({ x, residual, batchSize }: DropPath, options: DropoutOptions): Tensor2D {
  return tf.tidy(() => {
    const factors = tf.tensor2d(dropoutMask(batchSize, options), [batchSize, 1])
    const kept = tf.mul(tf.reshape(x, [batchSize, -1]), factors)
    return tf.add(residual, tf.reshape(kept, x.shape))
  })
}

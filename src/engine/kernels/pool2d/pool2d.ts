import { ShapeError } from '../../../core/errors.ts'
import type { Tensor, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { tapsTwin } from '../conv2d/unfoldTwin.ts'
import { windowsOver, type Padding, type Windows } from '../conv2d/windows.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedPool } from './poolKernel.ts'

export interface PoolOptions {
  /** Pairs are [down, across]. */
  readonly size: readonly [number, number]
  readonly stride: readonly [number, number]
  /** Less than `size`, so that every window holds a pixel. */
  readonly padding: Padding
}

/**
 * The largest number of each window and channel; what lies outside the image does not count. Its gradient goes to the
 * first of several that are equal.
 * @param x [B, height, width, C]
 * @returns [B, out height, out width, C]
 * @throws ShapeError
 */
export function maxPool(x: Tensor4D, options: PoolOptions): Tensor4D {
  return pool('max', x, options)
}

/** The mean of each window and channel over the pixels inside the image (PyTorch's `count_include_pad=False`). */
export function averagePool(x: Tensor4D, options: PoolOptions): Tensor4D {
  return pool('average', x, options)
}

export type PoolKind = 'max' | 'average'

function pool(kind: PoolKind, x: Tensor4D, { size, stride, padding }: PoolOptions): Tensor4D {
  checkTensor('pool2d x', x, [null, null, null, null])
  const windows = windowsOver('pool2d', x, size, { stride, padding, dilation: [1, 1] })
  checkZeros(windows)
  const backend = fusedBackend('pool2d', x)
  return backend === null ? poolTwin(kind, x, windows) : fusedPool(backend, kind, x, windows.unfolding)
}

function checkZeros({ unfolding: { before, kernel }, after }: Windows): void {
  const fits = [0, 1].every((axis) => before[axis]! < kernel[axis]! && after[axis]! < kernel[axis]!)
  if (fits) return
  throw new ShapeError(
    `pool2d: padding must be less than the size ${kernel.join(' x ')}, got ${before.join(' x ')} before and ${after.join(' x ')} after`,
    { code: 'pool-padding' },
  )
}

function poolTwin(kind: PoolKind, x: Tensor4D, windows: Windows): Tensor4D {
  return tf.tidy(() => {
    if (kind === 'max') {
      // The gradient of tfjs's maximum goes to its first argument where both are equal.
      return tapsTwin(x, windows, lowest).reduce((most, tap) => tf.maximum<Tensor4D>(most, tap))
    }
    const counts = tapsTwin(tf.ones(x.shape), windows)
    const sum = (taps: Tensor4D[]): Tensor => taps.reduce((total, tap) => tf.add<Tensor4D>(total, tap))
    return tf.div(sum(tapsTwin(x, windows)), sum(counts))
  })
}

/** The least float32 but -Infinity. */
const lowest = -3.4028234663852886e38

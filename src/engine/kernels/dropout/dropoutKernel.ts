import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import type { DropoutOptions } from './dropout.ts'
import { dropoutThreshold } from './dropoutMask.ts'
import dropoutBody from './dropout.wgsl?raw'
import philox from './philox.wgsl?raw'

/** One dispatch forward and one backward, which makes the mask again. */
export function fusedDropout<T extends Tensor>(backend: LabBackend, x: T, options: DropoutOptions): T {
  return tf.customGrad((xIn) => ({
    value: masked(backend, xIn as Tensor, options),
    gradFunc: (dy: Tensor) => masked(backend, dy, options),
  }))(x) as T
}

function masked(backend: LabBackend, x: Tensor, options: DropoutOptions): Tensor {
  const y = newTensor(backend, x.shape)
  const blocks = Math.ceil(x.size / 4)
  backend.dispatch({
    key: 'dropout',
    wgsl: () =>
      philox +
      bindings({ y: 'f32' }, { x: 'f32' }, 'dropout: Dropout') +
      dropoutBody +
      forEachElement('(arrayLength(&y) + 3u) / 4u'),
    writes: [y],
    reads: [x],
    uniforms: dropoutUniforms(options),
    grid: elementGrid(backend, blocks),
  })
  return y
}

/** The WGSL struct Dropout. */
export function dropoutUniforms({ rate, key, step }: DropoutOptions): ArrayBuffer {
  const buffer = new ArrayBuffer(24)
  new Uint32Array(buffer).set([
    key[0],
    key[1],
    step >>> 0,
    Math.floor(step / 2 ** 32),
    dropoutThreshold(rate),
  ])
  new Float32Array(buffer)[5] = 1 / (1 - rate)
  return buffer
}

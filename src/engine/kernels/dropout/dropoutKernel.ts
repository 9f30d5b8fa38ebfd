import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import type { DropoutOptions } from './dropout.ts'
import { dropoutThreshold } from './dropoutMask.ts'
import { stepCounter } from './stepCounter.ts'
import dropoutBody from './dropout.wgsl?raw'
import philox from './philox.wgsl?raw'

/** One dispatch forward and one backward, which makes the mask again. */
export function fusedDropout<T extends Tensor>(backend: LabBackend, x: T, options: DropoutOptions): T {
  return tf.customGrad((xIn) => ({
    value: masked(backend, xIn as Tensor, options),
    gradFunc: (dy: Tensor) => masked(backend, dy, options),
  }))(x) as T
}

/** x times the mask, in one dispatch. */
export function masked(backend: LabBackend, x: Tensor, options: DropoutOptions): Tensor {
  const y = newTensor(backend, x.shape)
  const counter = counterOf(options)
  const blocks = Math.ceil(x.size / 4)
  backend.dispatch({
    key: 'dropout',
    wgsl: () =>
      philox +
      bindings({ y: 'f32' }, { x: 'f32', counter: 'vec2<u32>' }, 'dropout: Dropout') +
      dropoutBody +
      forEachElement('(arrayLength(&y) + 3u) / 4u'),
    writes: [y],
    reads: [x, counter],
    uniforms: dropoutUniforms(options),
    grid: elementGrid(backend, blocks),
  })
  counter.dispose()
  return y
}

/** The WGSL struct Dropout. */
export function dropoutUniforms({ rate, key }: DropoutOptions): ArrayBuffer {
  const buffer = new ArrayBuffer(16)
  new Uint32Array(buffer).set([key[0], key[1], dropoutThreshold(rate)])
  new Float32Array(buffer)[3] = 1 / (1 - rate)
  return buffer
}

/** The step on the device, `array<vec2<u32>>` of one in WGSL. The caller disposes it. */
export function counterOf({ step, counter }: DropoutOptions): Tensor1D {
  return counter === null ? stepCounter(step) : tf.clone(counter)
}

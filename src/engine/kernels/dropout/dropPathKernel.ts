import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor, units } from '../wgsl.ts'
import type { DropoutOptions } from './dropout.ts'
import { counterOf, dropoutUniforms } from './dropoutKernel.ts'
import type { DropPath } from './dropPath.ts'
import factorsBody from './pathFactors.wgsl?raw'
import scaledBody from './pathScaled.wgsl?raw'
import philox from './philox.wgsl?raw'

/** Two dispatches forward, one for the factors; one backward. Kept: one number a sample. */
export function fusedDropPath(backend: LabBackend, path: DropPath, options: DropoutOptions): Tensor2D {
  const { x, residual, batchSize } = path
  const [value] = customGradients([x, residual], (save) => {
    const factors = factorsOf(backend, batchSize, options)
    save([factors])
    return {
      values: [scaled(backend, x, factors, residual)],
      gradFunc: ([dy], [savedFactors]) => [
        () => scaled(backend, dy!, savedFactors!, null),
        () => tf.clone(dy!),
      ],
    }
  })
  return value as Tensor2D
}

function factorsOf(backend: LabBackend, batchSize: number, options: DropoutOptions): Tensor {
  const factors = newTensor<tf.Rank.R1>(backend, [batchSize])
  const counter = counterOf(options)
  backend.dispatch({
    key: 'dropPath factors',
    wgsl: () =>
      philox +
      bindings({ factors: 'f32' }, { counter: 'vec2<u32>' }, 'dropout: Dropout') +
      factorsBody +
      forEachElement('(arrayLength(&factors) + 3u) / 4u'),
    writes: [factors],
    reads: [counter],
    uniforms: dropoutUniforms(options),
    grid: elementGrid(backend, Math.ceil(batchSize / 4)),
  })
  counter.dispose()
  return factors
}

/** Each sample of x times its factor, plus the residual where there is one. */
function scaled(backend: LabBackend, x: Tensor, factors: Tensor, residual: Tensor | null): Tensor {
  const y = newTensor(backend, x.shape)
  const size = x.size / factors.size
  const { type, count, text } = units(size)
  backend.dispatch({
    key: `dropPath ${size}${residual ? ' residual' : ''}`,
    wgsl: () =>
      text +
      bindings({ y: type }, { x: type, factors: 'f32', ...(residual && { residual: type }) }) +
      constants({ SAMPLE: count }) +
      `fn residual_at(index: u32) -> Unit { return ${residual ? 'Unit(residual[index])' : 'Unit(0.0)'}; }\n` +
      scaledBody +
      forEachElement('arrayLength(&y)'),
    writes: [y],
    reads: residual ? [x, factors, residual] : [x, factors],
    grid: elementGrid(backend, factors.size * count),
  })
  return y
}

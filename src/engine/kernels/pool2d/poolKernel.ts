import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor4D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { type Unfolding, unfoldingKey } from '../matmul/unfolding.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import averageBody from './average.wgsl?raw'
import averageGradientBody from './averageGradient.wgsl?raw'
import maxBody from './max.wgsl?raw'
import maxGradientBody from './maxGradient.wgsl?raw'
import type { PoolKind } from './pool2d.ts'
import windowBody from './window.wgsl?raw'

/** One dispatch forward and one backward. Kept for `max`: which pixel of the image each one is. */
export function fusedPool(backend: LabBackend, kind: PoolKind, x: Tensor4D, unfolding: Unfolding): Tensor4D {
  const { outHeight, outWidth, channels } = unfolding
  const outShape: Tensor4D['shape'] = [x.shape[0], outHeight, outWidth, channels]
  const head = constants(constantsOf(unfolding)) + windowBody
  const key = unfoldingKey(unfolding)
  const [value] = customGradients([x], (save) => {
    const y = newTensor<tf.Rank.R4>(backend, outShape)
    const places = kind === 'max' ? newTensor<tf.Rank.R4>(backend, outShape, 'int32') : null
    backend.dispatch({
      key: `pool2d ${kind} ${key}`,
      wgsl: () =>
        bindings({ y: 'f32', ...(places && { places: 'u32' }) }, { x: 'f32' }) +
        head +
        (places ? maxBody : averageBody) +
        forEachElement('arrayLength(&y)'),
      writes: places ? [y, places] : [y],
      reads: [x],
      grid: elementGrid(backend, y.size),
    })
    if (places) save([places])
    const gradFunc = ([dy]: Tensor[], [saved]: Tensor[]): Tensor[] => {
      const dx = newTensor<tf.Rank.R4>(backend, x.shape)
      backend.dispatch({
        key: `pool2d ${kind} backward ${key}`,
        wgsl: () =>
          bindings({ dx: 'f32' }, { dy: 'f32', ...(saved && { places: 'u32' }) }) +
          head +
          (saved ? maxGradientBody : averageGradientBody) +
          forEachElement('arrayLength(&dx)'),
        writes: [dx],
        reads: saved ? [dy!, saved] : [dy!],
        grid: elementGrid(backend, dx.size),
      })
      return [dx]
    }
    return { values: [y], gradFunc }
  })
  return value as Tensor4D
}

function constantsOf(unfolding: Unfolding): Record<string, number> {
  const { height, width, channels, outHeight, outWidth, kernel, stride, before } = unfolding
  return {
    HEIGHT: height,
    IMAGE_WIDTH: width,
    CHANNELS: channels,
    OUT_HEIGHT: outHeight,
    OUT_WIDTH: outWidth,
    TAPS_DOWN: kernel[0],
    TAPS_ACROSS: kernel[1],
    STRIDE_DOWN: stride[0],
    STRIDE_ACROSS: stride[1],
    ABOVE: before[0],
    LEFT: before[1],
  }
}

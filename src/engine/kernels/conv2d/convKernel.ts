import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedActivationGradient } from '../activations/activationKernel.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { type Bend, bendNames } from '../linear/bends.ts'
import { bend } from '../matmul/epilogue.ts'
import { matmul } from '../matmul/matmul.ts'
import { type Unfolding, unfoldingKey } from '../matmul/unfolding.ts'
import { bindings, constants, elementGrid, forEachElement, newStored, newTensor, units } from '../wgsl.ts'
import foldBody from './fold.wgsl?raw'

export interface FusedConv {
  /** [B, height, width, C] */
  readonly x: Tensor4D
  /** Of any shape that lies in memory as [kernel height, kernel width, C, out]. */
  readonly weight: Tensor
  readonly bias: Tensor1D | null
  readonly unfolding: Unfolding
  readonly activation: Bend | null
}

/** Forward 1 dispatch. Kept: x, the weight and, with an activation, what comes before it. */
export function fusedConv(backend: LabBackend, conv: FusedConv): Tensor4D {
  const { x, weight, bias, unfolding, activation } = conv
  const { outHeight, outWidth } = unfolding
  const outChannels = weight.shape.at(-1)!
  const inputs = [x, weight, ...(bias ? [bias] : [])]
  const [value] = customGradients(inputs, (save) => {
    const rows = x.shape[0] * outHeight * outWidth
    const stored = backend.storedAs(x)
    const pre = activation && newStored<tf.Rank.R2>(backend, [rows, outChannels], stored)
    const product = matmul(backend, {
      a: imageRows(x),
      b: matrixOf(weight),
      unfolding,
      stored,
      epilogue: { bias, parts: activation && pre ? [bend(bendNames[activation], pre)] : [] },
    })
    save(pre ? [x, weight, pre] : [x, weight])
    const gradFunc = ([dyIn]: Tensor[], saved: Tensor[]): (Tensor | (() => Tensor))[] => {
      const [savedX, savedWeight, savedPre] = saved as [Tensor4D, Tensor, Tensor2D?]
      const dy: Tensor2D = tf.reshape(dyIn!, [rows, outChannels])
      const dPre =
        activation && savedPre ? fusedActivationGradient(backend, bendNames[activation], savedPre, dy) : dy
      const ofWeight = gradientOutput(backend, weight)
      const ofBias = bias && gradientOutput(backend, bias)
      matmul(backend, {
        a: imageRows(savedX),
        b: dPre,
        unfolding,
        isATransposed: true,
        output: matrixOf(ofWeight),
        ...(ofBias && { columnSums: ofBias }),
      })
      const ofImage = (): Tensor => imageGradient(backend, dPre, savedWeight, { x: savedX, unfolding })
      return [ofImage, ofWeight, ...(ofBias ? [ofBias] : [])]
    }
    return { values: [tf.reshape(product, [x.shape[0], outHeight, outWidth, outChannels])], gradFunc }
  })
  return value as Tensor4D
}

function imageRows(x: Tensor4D): Tensor2D {
  return tf.reshape(x, [-1, x.shape[3]])
}

/** [kernel height * kernel width * C, out] */
function matrixOf(weight: Tensor): Tensor2D {
  return tf.reshape(weight, [-1, weight.shape.at(-1)!])
}

/**
 * With a stride of 1, a convolution of dy with the taps in reverse order. Else most of the windows of that would be
 * zeros between the strides: the gradients of all windows are made and added up for each pixel.
 */
function imageGradient(
  backend: LabBackend,
  dy: Tensor2D,
  weight: Tensor,
  { x, unfolding }: { x: Tensor4D; unfolding: Unfolding },
): Tensor {
  const { stride, channels } = unfolding
  if (stride[0] === 1 && stride[1] === 1) {
    const output = newTensor<tf.Rank.R4>(backend, x.shape)
    const b: Tensor2D = tf.reshape(weight, [-1, dy.shape[1]])
    matmul(backend, {
      a: dy,
      b,
      isBTransposed: true,
      isBFlipped: true,
      unfolding: flippedWindows(unfolding, dy.shape[1]),
      output: tf.reshape(output, [-1, channels]),
    })
    return output
  }
  const windows = matmul(backend, { a: dy, b: matrixOf(weight), isBTransposed: true })
  const image = fold(backend, windows, x.shape, unfolding)
  windows.dispose()
  return image
}

/** For each pixel the outputs in which it was. */
function flippedWindows(unfolding: Unfolding, outChannels: number): Unfolding {
  const { height, width, outHeight, outWidth, kernel, dilation, before } = unfolding
  const beforeOf = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) - before[axis]
  return {
    ...unfolding,
    height: outHeight,
    width: outWidth,
    channels: outChannels,
    outHeight: height,
    outWidth: width,
    before: [beforeOf(0), beforeOf(1)],
  }
}

/** Windows [B * outHeight * outWidth, kernel height * kernel width * C] added up where they overlap. */
function fold(
  backend: LabBackend,
  windows: Tensor2D,
  shape: Tensor4D['shape'],
  unfolding: Unfolding,
): Tensor4D {
  const { height, width, channels, outHeight, outWidth, kernel, stride, dilation, before } = unfolding
  const image = newTensor<tf.Rank.R4>(backend, shape)
  const { type, text } = units(channels)
  backend.dispatch({
    key: `fold ${unfoldingKey(unfolding)}`,
    wgsl: () =>
      text +
      bindings({ image: type }, { windows: type }) +
      constants({
        HEIGHT: height,
        IMAGE_WIDTH: width,
        OUT_HEIGHT: outHeight,
        OUT_WIDTH: outWidth,
        TAPS_DOWN: kernel[0],
        TAPS_ACROSS: kernel[1],
        STRIDE_DOWN: stride[0],
        STRIDE_ACROSS: stride[1],
        STEP_DOWN: dilation[0],
        STEP_ACROSS: dilation[1],
        ABOVE: before[0],
        LEFT: before[1],
      }) +
      foldBody +
      forEachElement('arrayLength(&image)'),
    writes: [image],
    reads: [windows],
    grid: elementGrid(backend, image.size / (type === 'f32' ? 1 : 4)),
  })
  return image
}

import { ShapeError } from '../../../core/errors.ts'
import type { Tensor1D, Tensor2D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedActivation } from '../activations/activationKernel.ts'
import { type Bend, bendNames, bendTwins } from '../linear/bends.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedConv } from './convKernel.ts'
import { groupedConv } from './groupedKernel.ts'
import { tapsTwin } from './unfoldTwin.ts'
import { everyPlace, windowsOver, type WindowOptions, type Windows } from './windows.ts'

export interface ConvOptions extends WindowOptions {
  /** Channels are split into so many groups, each with outputs of its own; as many as channels: depthwise. */
  readonly groups: number
  readonly activation: Bend | null
}

export const plainConv: ConvOptions = { ...everyPlace, groups: 1, activation: null }

/**
 * activation(conv(x, weight) + bias), a cross-correlation as in PyTorch and TensorFlow. Without groups the windows are
 * gathered as a matrix product loads them, and never stored. Backward: one dispatch for weight and bias (two with groups),
 * one for x (two where the stride is above 1) if somebody asks for it, one for the activation.
 * @param x [B, height, width, C]
 * @param weight [kernel height, kernel width, C / groups, out]; PyTorch's is [out, C / groups, height, width]
 * @param bias [out] or null
 * @returns [B, out height, out width, out]
 * @throws ShapeError
 */
export function conv2d(x: Tensor4D, weight: Tensor4D, bias: Tensor1D | null, options: ConvOptions): Tensor4D {
  const { groups, activation } = options
  checkTensor('conv2d x', x, [null, null, null, null])
  const [kernelHeight, kernelWidth, , outChannels] = weight.shape
  checkGroups(groups, x.shape[3], outChannels)
  checkTensor('conv2d weight', weight, [null, null, x.shape[3] / groups, null])
  if (bias) checkTensor('conv2d bias', bias, [outChannels])
  const windows = windowsOver('conv2d', x, [kernelHeight, kernelWidth], options)
  const backend = fusedBackend('conv2d', x, weight)
  if (backend === null) return convTwin(x, weight, bias, { windows, groups, activation })
  const { unfolding } = windows
  if (groups === 1) return fusedConv(backend, { x, weight, bias, unfolding, activation })
  return tf.tidy(() => {
    const y = groupedConv(backend, { x, weight, bias, unfolding, groups })
    return activation ? fusedActivation(backend, y, bendNames[activation]) : y
  })
}

function checkGroups(groups: number, channels: number, outChannels: number): void {
  if (Number.isInteger(groups) && groups >= 1 && channels % groups === 0 && outChannels % groups === 0) return
  throw new ShapeError(
    `conv2d: groups must divide the ${channels} channels and the ${outChannels} outputs, got ${groups}`,
    { code: 'conv-groups', remedy: 'Choose numbers of channels that are multiples of the groups.' },
  )
}

interface TwinOptions {
  windows: Windows
  groups: number
  activation: Bend | null
}

function convTwin(
  x: Tensor4D,
  weight: Tensor4D,
  bias: Tensor1D | null,
  { windows, groups, activation }: TwinOptions,
): Tensor4D {
  return tf.tidy(() => {
    const { outHeight, outWidth, kernel } = windows.unfolding
    const [batchSize, , , channels] = x.shape
    const outChannels = weight.shape[3]
    const rows = batchSize * outHeight * outWidth
    const taps = kernel[0] * kernel[1]
    const [ins, outs] = [channels / groups, outChannels / groups]
    // [taps, rows, groups, ins] to [groups, rows, taps * ins]
    const stacked = tf.reshape(tf.stack(tapsTwin(x, windows)), [taps, rows, groups, ins])
    const unfolded = tf.reshape(tf.transpose(stacked, [2, 1, 0, 3]), [groups, rows, taps * ins])
    const split = tf.reshape(weight, [taps * ins, groups, outs])
    const products = tf.matMul(unfolded, tf.transpose(split, [1, 0, 2])) // [groups, rows, outs]
    const product: Tensor2D = tf.reshape(tf.transpose(products, [1, 0, 2]), [rows, outChannels])
    const pre = bias ? tf.add<Tensor2D>(product, bias) : product
    const bent = activation ? bendTwins[activation](pre) : pre
    return tf.reshape(bent, [batchSize, outHeight, outWidth, outChannels])
  })
}

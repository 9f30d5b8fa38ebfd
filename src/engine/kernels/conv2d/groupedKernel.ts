import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { type Unfolding, unfoldingKey } from '../matmul/unfolding.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import forwardBody from './grouped.wgsl?raw'
import imageBody from './groupedImage.wgsl?raw'
import sumsBody from './groupedSums.wgsl?raw'
import weightBody from './groupedWeight.wgsl?raw'

export interface GroupedConv {
  /** [B, height, width, C] */
  readonly x: Tensor4D
  /** [kernel height, kernel width, C / groups, out] */
  readonly weight: Tensor4D
  readonly bias: Tensor1D | null
  readonly unfolding: Unfolding
  readonly groups: number
}

/**
 * With groups a sum is short, and a product of matrices a waste: one thread a number. Forward 1 dispatch; backward 2 for
 * weight and bias, and 1 for x if somebody asks for it.
 */
export function groupedConv(backend: LabBackend, conv: GroupedConv): Tensor4D {
  const { x, weight, bias, unfolding } = conv
  const [value] = customGradients([x, weight, ...(bias ? [bias] : [])], (save) => {
    save([x, weight])
    const gradFunc = ([dy]: Tensor[], saved: Tensor[]): (Tensor | (() => Tensor))[] => {
      const [savedX, savedWeight] = saved as [Tensor4D, Tensor4D]
      const again = { ...conv, x: savedX, weight: savedWeight }
      return [() => imageGradient(backend, again, dy!), ...weightGradients(backend, conv, savedX, dy!)]
    }
    const y = newTensor<tf.Rank.R4>(backend, [
      x.shape[0],
      unfolding.outHeight,
      unfolding.outWidth,
      weight.shape[3],
    ])
    backend.dispatch({
      key: `groupedConv ${keyOf(conv)}${bias ? ' bias' : ''}`,
      wgsl: () =>
        bindings({ y: 'f32' }, { x: 'f32', weight: 'f32', ...(bias && { bias: 'f32' }) }) +
        constants(constantsOf(conv)) +
        `fn bias_at(out: u32) -> f32 { return ${bias ? 'bias[out]' : '0.0'}; }\n` +
        forwardBody +
        forEachElement('arrayLength(&y)'),
      writes: [y],
      reads: bias ? [x, weight, bias] : [x, weight],
      grid: elementGrid(backend, y.size),
    })
    return { values: [y], gradFunc }
  })
  return value as Tensor4D
}

function imageGradient(backend: LabBackend, conv: GroupedConv, dy: Tensor): Tensor {
  const { x, weight } = conv
  const dx = newTensor<tf.Rank.R4>(backend, x.shape)
  backend.dispatch({
    key: `groupedConv image ${keyOf(conv)}`,
    wgsl: () =>
      bindings({ dx: 'f32' }, { dy: 'f32', weight: 'f32' }) +
      constants(constantsOf(conv)) +
      imageBody +
      forEachElement('arrayLength(&dx)'),
    writes: [dx],
    reads: [dy, weight],
    grid: elementGrid(backend, dx.size),
  })
  return dx
}

/** Threads that are enough for any adapter. */
const manyThreads = 2 ** 16

/** Of weight and bias, where there is one. */
function weightGradients(backend: LabBackend, conv: GroupedConv, x: Tensor4D, dy: Tensor): Tensor[] {
  const { weight, bias } = conv
  const outs = weight.shape[3]
  const places = dy.size / outs
  const numbers = weight.size + outs
  // Blocks of at least 16 places, as many as keep the adapter busy.
  const blocks = Math.max(1, Math.min(Math.ceil(places / 16), Math.ceil(manyThreads / numbers)))
  const sizes = {
    ...constantsOf(conv),
    NUMBERS: numbers,
    PLACES: places,
    BLOCK: Math.ceil(places / blocks),
    BLOCKS: blocks,
  }
  const sums = newTensor<tf.Rank.R2>(backend, [blocks, numbers])
  backend.dispatch({
    key: `groupedConv weight ${keyOf(conv)} ${places} ${blocks}`,
    wgsl: () =>
      bindings({ sums: 'f32' }, { dy: 'f32', x: 'f32' }) +
      constants(sizes) +
      weightBody +
      forEachElement('arrayLength(&sums)'),
    writes: [sums],
    reads: [dy, x],
    grid: elementGrid(backend, sums.size),
  })
  const gradients = [weight, ...(bias ? [bias] : [])].map((each) => gradientOutput<Tensor>(backend, each))
  backend.dispatch({
    key: `groupedConv sums ${numbers} ${outs} ${blocks}${bias ? ' bias' : ''}`,
    wgsl: () =>
      bindings({ weight_gradient: 'f32', ...(bias && { bias_gradient: 'f32' }) }, { sums: 'f32' }) +
      constants({ NUMBERS: numbers, OUTS: outs, BLOCKS: blocks }) +
      `fn put_bias(out: u32, sum: f32) { ${bias ? 'bias_gradient[out] = sum;' : ''} }\n` +
      sumsBody +
      forEachElement('NUMBERS'),
    writes: gradients,
    reads: [sums],
    grid: elementGrid(backend, numbers),
  })
  sums.dispose()
  return gradients
}

function keyOf({ weight, unfolding, groups }: GroupedConv): string {
  return `${groups} ${weight.shape[3]} ${unfoldingKey(unfolding)}`
}

function constantsOf({ weight, unfolding, groups }: GroupedConv): Record<string, number> {
  const { height, width, channels, outHeight, outWidth, kernel, stride, dilation, before } = unfolding
  const outs = weight.shape[3]
  return {
    HEIGHT: height,
    IMAGE_WIDTH: width,
    CHANNELS: channels,
    OUT_HEIGHT: outHeight,
    OUT_WIDTH: outWidth,
    OUTS: outs,
    GROUP_INS: channels / groups,
    GROUP_OUTS: outs / groups,
    TAPS_DOWN: kernel[0],
    TAPS_ACROSS: kernel[1],
    STRIDE_DOWN: stride[0],
    STRIDE_ACROSS: stride[1],
    STEP_DOWN: dilation[0],
    STEP_ACROSS: dilation[1],
    ABOVE: before[0],
    LEFT: before[1],
  }
}

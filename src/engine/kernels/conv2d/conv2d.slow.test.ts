import { expect, it } from 'vitest'
import { convReference, type ConvCase } from '../../../../tests/helpers/convReference.ts'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { conv2d, plainConv, type ConvOptions } from './conv2d.ts'
import type { Padding } from './windows.ts'

const close = { rtol: 1e-6, atol: 2e-6 }
const square: ConvCase = {
  batchSize: 2,
  height: 5,
  width: 6,
  channels: 3,
  outChannels: 4,
  kernel: [3, 2],
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
}

function runWith(options: ConvOptions): (...inputs: Tensor[]) => Tensor {
  return (x, weight, bias) =>
    conv2d(x as Tensor4D, weight as Tensor4D, (bias ?? null) as Tensor1D | null, options)
}

function kernelOf(conv: ConvCase, options: Partial<ConvOptions> = {}) {
  const { batchSize, height, width, channels, outChannels, kernel, stride, padding, dilation, groups } = conv
  const sides = { top: padding, bottom: padding, left: padding, right: padding }
  return {
    shapes: [
      [batchSize, height, width, channels],
      [...kernel, channels / groups, outChannels],
      [outChannels],
    ],
    run: runWith({
      ...plainConv,
      stride: [stride, stride],
      dilation: [dilation, dilation],
      padding: sides,
      groups,
      ...options,
    }),
  }
}

await describeOnDevices('conv2d', () => {
  it.each<[string, Partial<ConvCase>]>([
    ['without padding', {}],
    ['with padding', { padding: 1 }],
    ['with more padding than the kernel reaches', { padding: 3, height: 2 }],
    ['with strides', { stride: 2, padding: 1 }],
    ['with strides past the last window', { stride: 3, height: 7, width: 7 }],
    ['with dilation', { dilation: 2, padding: 2 }],
    ['with dilation and strides', { dilation: 2, padding: 1, stride: 2, channels: 4 }],
    ['of single pixels', { kernel: [1, 1] }],
    ['with one window only', { height: 3, width: 2, channels: 1, outChannels: 1, batchSize: 1 }],
    ['with two groups', { groups: 2, channels: 4, outChannels: 6, padding: 1, dilation: 2 }],
    ['depthwise, with strides', { groups: 3, outChannels: 3, padding: 1, stride: 2 }],
    ['depthwise, with several outputs a channel', { groups: 3, outChannels: 6, batchSize: 4 }],
    ['of wide channels', { channels: 4, padding: 1 }],
  ])(
    'equals float64 loops and finite differences %s',
    async (_name, changes) => {
      const conv = { ...square, ...changes }
      const reference = (x: Float64Array, weight: Float64Array, bias?: Float64Array): number[] =>
        convReference(conv, x, weight, bias ?? null)
      await expectMatchesReference(kernelOf(conv), reference, close)
    },
    60_000,
  )

  it('fused equals its twin at awkward sizes, and has the same bits twice', async () => {
    for (const changes of sizesToTry([
      { channels: 1, outChannels: 65, height: 9, width: 9, padding: 1 },
      { channels: 64, outChannels: 63, height: 4, width: 5, padding: 1, batchSize: 1 },
      { channels: 65, outChannels: 65, groups: 65, height: 9, width: 7, padding: 1, batchSize: 3 },
      { channels: 8, outChannels: 1, height: 13, width: 11, stride: 2, padding: 1, batchSize: 3 },
    ])) {
      const kernel = kernelOf({ ...square, ...changes, kernel: [3, 3] as const })
      await expectFusedMatchesTwin(kernel, { rtol: 1e-5, atol: 1e-5 })
    }
  }, 240_000)

  it('an activation follows the sum, and its slope comes before the gradients', async () => {
    const conv = { ...square, padding: 1 }
    const reference = (x: Float64Array, weight: Float64Array, bias?: Float64Array): number[] =>
      convReference(conv, x, weight, bias ?? null).map((value) => value / (1 + Math.exp(-value)))
    await expectMatchesReference(kernelOf(conv, { activation: 'silu' }), reference, close)
    const grouped = { ...conv, groups: 3, outChannels: 3 }
    const ofGroups = (x: Float64Array, weight: Float64Array, bias?: Float64Array): number[] =>
      convReference(grouped, x, weight, bias ?? null).map((value) => value / (1 + Math.exp(-value)))
    await expectMatchesReference(kernelOf(grouped, { activation: 'silu' }), ofGroups, close)
  }, 60_000)

  it('keeps ceil(size / stride) windows with the padding "same", the odd zero at the end', async () => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1])
    const weight = tf.tensor4d([1, 10], [1, 2, 1, 1])
    const sums = async (padding: Padding, stride: [number, number]): Promise<number[]> => [
      ...(await runWith({ ...plainConv, padding, stride })(x, weight).data()),
    ]
    expect(await sums('same', [1, 1])).toEqual([21, 32, 43, 4])
    expect(await sums('same', [1, 3])).toEqual([21, 4])
    expect(await sums('valid', [1, 1])).toEqual([21, 32, 43])
  })

  it('makes the gradient of the images only where it is asked for', async () => {
    const images = tf.fill([1, 3, 3, 2], 0.5)
    const weight = tf.ones<tf.Rank.R4>([2, 2, 2, 1])
    const before = tf.memory().numTensors
    const gradient = tf.grad((w: Tensor) => runWith(plainConv)(images, w))(weight)
    expect([...(await gradient.data())]).toEqual(Array.from({ length: 8 }, () => 2))
    gradient.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('fused equals its twin for extreme numbers', async () => {
    const changes = {
      channels: 8,
      outChannels: 1,
      height: 13,
      width: 11,
      stride: 2,
      padding: 1,
      batchSize: 3,
    }
    const kernel = kernelOf({ ...square, ...changes, kernel: [3, 3] as const })
    await expectMatchesTwinForExtremes(kernel, { rtol: 1e-5, atol: 1e-5 })
  }, 240_000)

  it('refuses what does not fit, by name', () => {
    const x = tf.zeros<tf.Rank.R4>([1, 3, 3, 4])
    const conv =
      (shape: [number, number, number, number], options: Partial<ConvOptions> = {}) =>
      () =>
        conv2d(x, tf.zeros(shape), null, { ...plainConv, ...options })
    expect(conv([2, 2, 3, 1])).toThrow(/conv2d weight: must be float32 \[\*, \*, 4, \*\], got/)
    expect(conv([4, 2, 4, 1])).toThrow(/at least 4 rows with their padding, got 3/)
    expect(conv([2, 2, 1, 3], { groups: 4 })).toThrow(/groups must divide the 4 channels and the 3 outputs/)
    expect(conv([2, 2, 4, 1], { stride: [0, 1] })).toThrow(/stride must be whole numbers from 1, got 0 and 1/)
    const negative = { top: -1, bottom: 0, left: 0, right: 0 }
    expect(conv([2, 2, 4, 1], { padding: negative })).toThrow(/padding must be whole numbers from 0/)
  })
})

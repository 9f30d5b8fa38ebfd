import { describe, expect, it } from 'vitest'
import { convReference } from '../../../tests/helpers/convReference.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import {
  expectGradients,
  modelConfig,
  strongWeights,
  type Variables,
} from '../../../tests/helpers/modelWeights.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import convNet from './convNet.ts'
import { logitsOf, plainPass, type Head } from './modelInputs.ts'

const [height, width, channels, batchSize] = [6, 5, 2, 2]
const twoClasses: Head = { kind: 'classes', count: 2 }
const sizes = { images: { height, width, channels, head: twoClasses } }
const values = Array.from({ length: batchSize * height * width * channels }, (_, i) => Math.sin(3 * i))
const pixels = (): tf.Tensor4D => tf.tensor4d(values, [batchSize, height, width, channels])
const configOf = (settings: Record<string, ConfigValue> = {}) =>
  modelConfig(convNet, { widths: [3, 4], ...settings })
const scores = (config: ReturnType<typeof configOf>, weights: Variables) =>
  logitsOf(convNet.forward(config, weights, { images: { pixels: pixels() } }, plainPass))

/** A layer in float64, with ReLU where it is wanted. */
async function slowConv(
  weights: Variables,
  x: { values: number[]; height: number; width: number; channels: number },
  { name, stride, isBent }: { name: string; stride: number; isBent: boolean },
) {
  const weight = weights.get(`${name}.weight`)!
  const outChannels = weight.shape[3]!
  const conv = {
    batchSize,
    height: x.height,
    width: x.width,
    channels: x.channels,
    outChannels,
    kernel: [3, 3] as const,
    stride,
    padding: 1,
    dilation: 1,
    groups: 1,
  }
  const bias = Float64Array.from(await weights.get(`${name}.bias`)!.data())
  const y = convReference(conv, Float64Array.from(x.values), Float64Array.from(await weight.data()), bias)
  const bent = isBent ? y.map((value) => Math.max(0, value)) : y
  return {
    values: bent,
    height: Math.ceil(x.height / stride),
    width: Math.ceil(x.width / stride),
    channels: outChannels,
  }
}

await describeOnDevices('ConvNet', () => {
  it('equals plain loops: a stem, blocks with residuals, a step of two, the mean', async () => {
    const config = configOf({ norm: 'none' })
    const store = strongWeights(convNet.parameters(config, sizes), 3)
    const weights = store.variables
    let x = { values, height, width, channels }
    for (const stage of [0, 1]) {
      const opening = stage === 0 ? 'stem' : 'stages.1.down'
      x = await slowConv(weights, x, { name: opening, stride: stage + 1, isBent: true })
      const own = `stages.${stage}.blocks.0.`
      const middle = await slowConv(weights, x, { name: `${own}conv_1`, stride: 1, isBent: true })
      const y = await slowConv(weights, middle, { name: `${own}conv_2`, stride: 1, isBent: false })
      x = { ...x, values: x.values.map((value, i) => Math.max(0, value + y.values[i]!)) }
    }
    const area = x.height * x.width
    const head = await weights.get('classes.weight')!.data()
    const bias = await weights.get('classes.bias')!.data()
    const found = await scores(config, weights).data()
    for (let b = 0; b < batchSize; b++) {
      for (let c = 0; c < 2; c++) {
        let expected = bias[c]!
        for (let k = 0; k < 4; k++)
          for (let p = 0; p < area; p++)
            expected += (x.values[(b * area + p) * 4 + k]! / area) * head[2 * k + c]!
        expect(found[2 * b + c]).toBeCloseTo(expected, 4)
      }
    }
    store.dispose()
  })

  it('gives an image the same scores alone as among others', async () => {
    const config = configOf()
    const store = strongWeights(convNet.parameters(config, sizes), 4)
    const both = await scores(config, store.variables).data()
    const first = tf.slice(pixels(), [0, 0, 0, 0], [1, height, width, channels])
    const alone = logitsOf(convNet.forward(config, store.variables, { images: { pixels: first } }, plainPass))
    ;(await alone.data()).forEach((score, i) => expect(score).toBeCloseTo(both[i]!, 5))
    store.dispose()
  })
})

describe('ConvNet, gradients by finite differences', () => {
  const variants: Record<string, Record<string, ConfigValue>> = {
    'LayerNorm, GELU': { activation: 'gelu-exact' },
    'RMSNorm, SiLU, no residual, no biases': {
      norm: 'rms-norm',
      activation: 'silu',
      hasResidual: false,
      hasBias: false,
    },
    'no norms, one stage of two blocks, a stride': {
      norm: 'none',
      activation: 'gelu-tanh',
      widths: [3],
      blocksPerStage: 2,
      stemStride: 2,
    },
  }
  it.each(Object.entries(variants))('%s', async (_name, settings) => {
    await tf.setBackend('cpu')
    const config = configOf(settings)
    const store = strongWeights(convNet.parameters(config, sizes), 5)
    const targets = tf.tensor1d([1, 0], 'int32')
    await expectGradients(store.variables, () =>
      crossEntropy(scores(config, store.variables), targets, { labelSmoothing: 0, ignoreIndex: -1 }),
    )
    store.dispose()
  })
})

import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { values, type GoldenTensor } from '../../../tests/helpers/goldens.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import {
  expectGradients,
  gradientsOf,
  int32,
  modelConfig,
  readModelGolden,
  readModelTensors,
  strongWeights,
  variablesOf,
} from '../../../tests/helpers/modelWeights.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { poolTokens } from '../nn/poolTokens.ts'
import { resizePositions } from '../nn/resizePositions.ts'
import { fromHub, toHub } from './hubWeights.ts'
import { logitsOf, outputOf, plainPass, type Head } from './modelInputs.ts'
import vit from './vit.ts'

interface VitCase {
  inputs: Record<'pixels' | 'targets' | 'larger', GoldenTensor>
  expected: { rows: GoldenTensor; logits: GoldenTensor; loss: number; logits_of_larger: GoldenTensor }
}

const golden = readModelGolden<{ cases: [VitCase] }>('vit_tiny.json').cases[0]
const threeClasses: Head = { kind: 'classes', count: 3 }
const sizesOf = (height: number, width: number, head = threeClasses) => ({
  images: { height, width, channels: 3, head },
})
const configOf = (settings: Record<string, ConfigValue> = {}) =>
  modelConfig(vit, { numLayers: 2, numHeads: 2, embedDim: 8, mlpRatio: 1.5, patchSize: 4, ...settings })

/** Theirs are [B, C, height, width]. */
function pixelsOf(given: GoldenTensor): tf.Tensor4D {
  return tf.tidy(() =>
    tf.transpose(tf.tensor4d(values(given), given.shape as [number, number, number, number]), [0, 2, 3, 1]),
  )
}
const scores = (
  config: ReturnType<typeof configOf>,
  weights: Map<string, tf.Variable>,
  pixels: tf.Tensor4D,
) => logitsOf(vit.forward(config, weights, { images: { pixels } }, plainPass))
const lossOf = (logits: tf.Tensor2D, targets: tf.Tensor1D) =>
  crossEntropy(logits, targets, { labelSmoothing: 0, ignoreIndex: -1 })

await describeOnDevices('vision transformer', () => {
  const config = configOf()
  const sizes = sizesOf(8, 8)
  const specs = vit.parameters(config, sizes)
  const table = vit.hubTable(config, sizes)!
  const tensors = fromHub(table, readModelTensors('vit_tiny.safetensors'))

  it('equals Hugging Face’s in rows, scores and gradients', async () => {
    const weights = variablesOf(specs, tensors)
    const pixels = pixelsOf(golden.inputs.pixels)
    const output = vit.forward(config, weights, { images: { pixels } }, plainPass)
    const exact = { rtol: 1e-5, atol: 2e-5 }
    expectClose(await outputOf(output, 'rows').data(), values(golden.expected.rows), exact, 'rows')
    expectClose(await logitsOf(output).data(), values(golden.expected.logits), exact, 'logits')
    const targets = int32(golden.inputs.targets) as tf.Tensor1D
    const { loss, gradients } = await gradientsOf(weights, () =>
      lossOf(scores(config, weights, pixels), targets),
    )
    expect(Math.abs(loss - golden.expected.loss)).toBeLessThan(1e-5)
    const expected = fromHub(table, readModelTensors('vit_tiny_gradients.safetensors'))
    for (const { name } of specs) {
      const wanted = toFloat32(expected.get(name)!)
      expectClose(toFloat32(gradients.get(name)!), wanted, { rtol: 1e-3, atol: 3e-5 }, name)
    }
    weights.forEach((weight) => weight.dispose())
  })

  it('reads images of another size with its positions brought to it, as Hugging Face', async () => {
    const larger = vit.parameters(config, sizesOf(12, 16))
    const name = 'patches.position_embeddings'
    const from = { rows: 2, columns: 2 }
    const moved = resizePositions(toFloat32(tensors.get(name)!), 8, from, { rows: 3, columns: 4 })
    const resized = new Map(tensors).set(name, { dtype: 'float32', shape: [13, 8], data: moved })
    const weights = variablesOf(larger, resized)
    const found = await scores(config, weights, pixelsOf(golden.inputs.larger)).data()
    expectClose(found, values(golden.expected.logits_of_larger), { rtol: 1e-5, atol: 2e-5 }, 'logits')
    weights.forEach((weight) => weight.dispose())
  })
})

await describeOnDevices('what stands for an image with registers', () => {
  it.each(['mean', 'attention'])('is made of its patches alone: %s', async (pooling) => {
    const config = configOf({ numLayers: 1, pooling, numRegisters: 3 })
    const store = strongWeights(vit.parameters(config, sizesOf(8, 8)), 3)
    const pixels: tf.Tensor4D = tf.tensor4d(
      Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => Math.sin(3 * i)),
      [2, 8, 8, 3],
    )
    const output = vit.forward(config, store.variables, { images: { pixels } }, plainPass)
    // Three registers, then four patches.
    const rows: tf.Tensor3D = tf.reshape(outputOf(output, 'rows'), [2, 7, 8])
    const patches: tf.Tensor2D = tf.reshape(tf.slice(rows, [0, 3, 0], [2, 4, 8]), [8, 8])
    const expected =
      pooling === 'mean'
        ? tf.mean(tf.reshape(patches, [2, 4, 8]), 1)
        : poolTokens(patches, store.variables, {
            pooling: 'attention',
            name: 'pool.',
            batchSize: 2,
            numHeads: 2,
            mask: null,
            dropoutAt: () => null,
          })
    const found = await outputOf(output, 'pooled').data()
    expectClose(found, await expected.data<'float32'>(), { rtol: 1e-5, atol: 1e-5 }, 'pooled')
    store.dispose()
  })
})

it('brings its positions to a square of another size by itself, as they are resized on the host', async () => {
  await tf.setBackend('cpu')
  const config = configOf({ numLayers: 1 })
  const store = strongWeights(vit.parameters(config, sizesOf(8, 8)), 3)
  const name = 'patches.position_embeddings'
  const [from, to] = [
    { rows: 2, columns: 2 },
    { rows: 3, columns: 3 },
  ]
  const moved = resizePositions(await store.variables.get(name)!.data<'float32'>(), 8, from, to)
  const resized = new Map(store.variables).set(name, tf.variable(tf.tensor2d(moved, [10, 8])))
  const pixels: tf.Tensor4D = tf.tensor4d(
    Array.from({ length: 12 * 12 * 3 }, (_, i) => Math.sin(3 * i)),
    [1, 12, 12, 3],
  )
  const found = await scores(config, new Map(store.variables), pixels).data()
  const expected = await scores(config, resized, pixels).data<'float32'>()
  expectClose(found, expected, { rtol: 1e-5, atol: 1e-5 }, 'logits')
  store.dispose()
})

it('writes a file as it read it', () => {
  const table = vit.hubTable(configOf(), sizesOf(8, 8))!
  const file = readModelTensors('vit_tiny.safetensors')
  expect([...toHub(table, fromHub(table, file))].sort()).toEqual([...file].sort())
})

describe('vision transformer, gradients by finite differences', () => {
  const variants: Record<string, Record<string, ConfigValue>> = {
    'mean, sines and cosines, registers': { pooling: 'mean', positions: 'sinusoidal', numRegisters: 2 },
    'attention, norm of embeddings, RMSNorm, SwiGLU': {
      pooling: 'attention',
      hasInputNorm: true,
      norm: 'rms-norm',
      activation: 'swiglu',
    },
    'class token, registers, norms after parts': { numRegisters: 1, normPlace: 'post', hasPatchBias: false },
  }
  it.each(Object.entries(variants))('%s', async (_name, settings) => {
    await tf.setBackend('cpu')
    const config = configOf({ numLayers: 1, ...settings })
    const store = strongWeights(vit.parameters(config, sizesOf(8, 4)), 3)
    const weights = new Map(store.variables)
    const pixels: tf.Tensor4D = tf.tensor4d(
      Array.from({ length: 2 * 8 * 4 * 3 }, (_, i) => Math.sin(3 * i)),
      [2, 8, 4, 3],
    )
    const targets = tf.tensor1d([1, 2], 'int32')
    await expectGradients(weights, () => lossOf(scores(config, weights, pixels), targets))
    store.dispose()
  })
})

it('refuses patches that do not cover the image, and widths that positions cannot have', () => {
  expect(() => vit.parameters(configOf(), sizesOf(8, 10))).toThrow(/must divide .* 8 and 10, got 4/)
  expect(vit.check(configOf({ positions: 'sinusoidal', embedDim: 10 }))[0]!.path).toEqual(['embedDim'])
})

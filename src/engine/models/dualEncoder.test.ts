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
  type Variables,
} from '../../../tests/helpers/modelWeights.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import dualEncoder from './dualEncoder.ts'
import { fromHub, toHub } from './hubWeights.ts'
import { outputOf, plainPass, type InputOf } from './modelInputs.ts'

interface ClipCase {
  inputs: Record<'pixels' | 'ids' | 'mask' | 'cotangent_a' | 'cotangent_b', GoldenTensor>
  expected: { a: GoldenTensor; b: GoldenTensor; loss: number }
}

const golden = readModelGolden<{ cases: [ClipCase] }>('clip_tiny.json').cases[0]
const shared = { numLayers: 1, numHeads: 2, activation: 'quick-gelu' }
const clip = modelConfig(dualEncoder, {
  image: {
    ...shared,
    embedDim: 12,
    mlpRatio: 1,
    patchSize: 4,
    hasInputNorm: true,
    hasPatchBias: false,
    normEpsilon: 1e-5,
  },
  text: { ...shared, embedDim: 8, mlpRatio: 1.5, seqLen: 6 },
  projectionDim: 6,
})
const sizes = {
  captionedImages: {
    image: { height: 8, width: 8, channels: 3 },
    text: { vocabSize: 11 },
    head: { kind: 'none' } as const,
  },
}

function inputOf(): InputOf<'captionedImages'> {
  const { pixels, ids, mask } = golden.inputs
  const shape = pixels.shape as [number, number, number, number]
  return {
    image: { pixels: tf.transpose(tf.tensor4d(values(pixels), shape), [0, 2, 3, 1]) },
    text: {
      ids: tf.reshape(int32(ids), [-1]),
      batchSize: 3,
      seqLen: 6,
      mask: int32(mask) as tf.Tensor2D,
    },
  }
}

function pairOf(config: typeof clip, weights: Variables, captionedImages: InputOf<'captionedImages'>) {
  return outputOf(dualEncoder.forward(config, weights, { captionedImages }, plainPass), 'pair')
}

await describeOnDevices('dual encoder', () => {
  const specs = dualEncoder.parameters(clip, sizes)
  const table = dualEncoder.hubTable(clip, sizes)!

  it('equals CLIP in both vectors and all gradients', async () => {
    const tensors = new Map(
      [...readModelTensors('clip_tiny.safetensors')].filter(
        ([name]) => dualEncoder.importName(name) !== null,
      ),
    )
    const weights = variablesOf(specs, fromHub(table, tensors))
    const input = inputOf()
    const { a, b } = pairOf(clip, weights, input)
    const exact = { rtol: 1e-5, atol: 3e-5 }
    expectClose(await a.data(), values(golden.expected.a), exact, 'images')
    expectClose(await b.data(), values(golden.expected.b), exact, 'texts')
    const cotangents = [golden.inputs.cotangent_a, golden.inputs.cotangent_b].map((given) =>
      tf.tensor2d(values(given), [3, 6]),
    )
    const { loss, gradients } = await gradientsOf(weights, () => {
      const pair = pairOf(clip, weights, input)
      return tf.add(
        tf.sum(tf.mul(pair.a, cotangents[0]!)),
        tf.sum(tf.mul(pair.b, cotangents[1]!)),
      ) as tf.Scalar
    })
    expect(Math.abs(loss - golden.expected.loss)).toBeLessThan(1e-4)
    const expected = fromHub(table, readModelTensors('clip_tiny_gradients.safetensors'))
    for (const { name } of specs) {
      const wanted = toFloat32(expected.get(name)!)
      expectClose(toFloat32(gradients.get(name)!), wanted, { rtol: 1e-3, atol: 2e-4 }, name)
    }
    weights.forEach((weight) => weight.dispose())
  })
})

it('writes a file as it read it, but for the temperature', () => {
  const table = dualEncoder.hubTable(clip, sizes)!
  const file = readModelTensors('clip_tiny.safetensors')
  file.delete('logit_scale')
  expect([...toHub(table, fromHub(table, file))].sort()).toEqual([...file].sort())
})

describe('dual encoder, gradients by finite differences', () => {
  const variants: Record<string, Record<string, ConfigValue>> = {
    'mean of both directions, two layers of projection': { isCausal: false, pooling: 'mean' },
    'first token, rotary positions': { pooling: 'class-token', positions: 'rotary', isCausal: false },
    'attention, norms after parts': { pooling: 'attention', normPlace: 'post', isCausal: false },
  }
  it.each(Object.entries(variants))('%s', async (_name, text) => {
    await tf.setBackend('cpu')
    const tower = { numLayers: 1, numHeads: 2, embedDim: 8, mlpRatio: 1.5 }
    const config = modelConfig(dualEncoder, {
      image: { ...tower, patchSize: 4, pooling: 'mean' },
      text: { ...tower, seqLen: 6, ...text },
      projectionDim: 5,
      projection: 'mlp',
    })
    const store = strongWeights(dualEncoder.parameters(config, sizes), 5)
    const input = inputOf()
    const loss = () => {
      const { a, b } = pairOf(config, store.variables, input)
      return tf.mean(tf.mul(a, b)) as tf.Scalar
    }
    await expectGradients(store.variables, loss)
    store.dispose()
  })
})

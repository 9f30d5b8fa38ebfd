import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import {
  expectGradients,
  modelConfig,
  strongWeights,
  type Variables,
} from '../../../tests/helpers/modelWeights.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import fusion from './fusion.ts'
import { logitsOf, outputOf, plainPass, type Head, type InputOf } from './modelInputs.ts'

/** A fusion, and how both sides are joined where it is not by a layer. */
const kinds = ['cross-attention', 'co-attention', 'co-attention product', 'bidirectional', 'gated', 'product']
const twoClasses: Head = { kind: 'classes', count: 2 }
const sizes = {
  captionedImages: { image: { height: 8, width: 4, channels: 1 }, text: { vocabSize: 7 }, head: twoClasses },
}
const tower = { numLayers: 1, numHeads: 2, embedDim: 8, mlpRatio: 1 }
function configOf(words: string) {
  const [kind, join] = words.split(' ') as [string, string?]
  return modelConfig(fusion, {
    join: join ?? 'layer',
    image: { ...tower, patchSize: 4 },
    text: { ...tower, seqLen: 5 },
    fusion: kind,
    numLayers: 1,
    numHeads: 2,
    embedDim: 6,
    mlpRatio: 1.5,
  })
}

/** Two items; the second text ends after two of its five tokens. */
function inputOf({ word = 0, brightness = 0 } = {}): InputOf<'captionedImages'> {
  const pixels = Array.from({ length: 2 * 8 * 4 }, (_, i) => Math.sin(3 * i) + (i === 40 ? brightness : 0))
  return {
    image: { pixels: tf.tensor4d(pixels, [2, 8, 4, 1]) },
    text: {
      ids: tf.tensor1d([1, 2, 3, 4, 5, 6, 1, word, word, word], 'int32'),
      batchSize: 2,
      seqLen: 5,
      mask: tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [2, 5], 'int32'),
    },
  }
}
const run = (config: ReturnType<typeof configOf>, weights: Variables, input = inputOf()) =>
  fusion.forward(config, weights, { captionedImages: input }, plainPass)

await describeOnDevices('fusion', () => {
  it.each(kinds)('%s: sees the image and the text, and not what stands after its end', async (kind) => {
    const config = configOf(kind)
    const store = strongWeights(fusion.parameters(config, sizes), 3)
    const scores = (input: InputOf<'captionedImages'>) => logitsOf(run(config, store.variables, input)).data()
    const plain = await scores(inputOf())
    const padded = await scores(inputOf({ word: 5 }))
    padded.forEach((score, i) => expect(score).toBeCloseTo(plain[i]!, 5))
    const brighter = await scores(inputOf({ brightness: 3 }))
    // The pixel is the second item's.
    expect([brighter[0], brighter[1]].every((score, i) => Math.abs(score! - plain[i]!) < 1e-5)).toBe(true)
    expect(Math.max(...[2, 3].map((i) => Math.abs(brighter[i]! - plain[i]!)))).toBeGreaterThan(1e-3)
    const reworded = inputOf()
    const ids = tf.tensor1d([1, 2, 3, 4, 5, 3, 1, 0, 0, 0], 'int32')
    const other = await scores({ ...reworded, text: { ...reworded.text, ids } })
    expect(Math.max(...[2, 3].map((i) => Math.abs(other[i]! - plain[i]!)))).toBeGreaterThan(1e-3)
    store.dispose()
  })

  it('gated: mixes two vectors number by number', async () => {
    const config = configOf('gated')
    const store = strongWeights(fusion.parameters(config, sizes), 5)
    // A gate that is open for one side lets nothing of the other in.
    const gate = store.variables.get('fusion.gate.weight')!
    gate.assign(tf.zerosLike(gate))
    const bias = store.variables.get('fusion.gate.bias')!
    bias.assign(tf.fill([6], 60))
    const image = store.variables.get('fusion.image.in.bias')!
    const text = store.variables.get('fusion.text.in.bias')!
    const pooled = () => outputOf(run(config, store.variables), 'pooled').data()
    const before = await pooled()
    text.assign(tf.fill([6], 3))
    expect(await pooled()).toEqual(before)
    image.assign(tf.fill([6], 60))
    expect([...(await pooled())].every((value) => Math.abs(value - 1) < 1e-5)).toBe(true)
    store.dispose()
  })

  it('product: multiplies two vectors number by number', async () => {
    const config = configOf('product')
    const store = strongWeights(fusion.parameters(config, sizes), 5)
    const inOf = (side: string) => [
      store.variables.get(`fusion.${side}.in.weight`)!,
      store.variables.get(`fusion.${side}.in.bias`)!,
    ]
    const [[weight, bias], [, other]] = [inOf('image'), inOf('text')]
    const pooled = async () => [...(await outputOf(run(config, store.variables), 'pooled').data())]
    weight!.assign(tf.zerosLike(weight!))
    // What is of the image is 1 2 … 6 now, so that what is of the text is left in each.
    bias!.assign(tf.tensor1d([1, 2, 3, 4, 5, 6]))
    const times = await pooled()
    bias!.assign(tf.fill([6], 1))
    const text = await pooled()
    times.forEach((value, i) => expect(value).toBeCloseTo(text[i]! * (1 + (i % 6)), 4))
    other!.assign(tf.add(other!, 1))
    const more = await pooled()
    more.forEach((value, i) => expect(value).toBeCloseTo(text[i]! + 1, 4))
    store.dispose()
  })

  it('co-attention product: multiplies what comes out of both sides', async () => {
    const config = configOf('co-attention product')
    const store = strongWeights(fusion.parameters(config, sizes), 5)
    for (const [side, value] of [
      ['image', 3],
      ['text', -2],
    ] as const) {
      const [weight, bias] = ['weight', 'bias'].map((part) =>
        store.variables.get(`fusion.${side}.ln_f.${part}`)!,
      )
      weight!.assign(tf.zerosLike(weight!))
      bias!.assign(tf.fill([6], value))
    }
    for (const value of await outputOf(run(config, store.variables), 'pooled').data())
      expect(value).toBeCloseTo(-6, 5)
    store.dispose()
  })
})

describe('fusion, gradients by finite differences', () => {
  it.each(kinds)('%s', async (kind) => {
    await tf.setBackend('cpu')
    const config = configOf(kind)
    const store = strongWeights(fusion.parameters(config, sizes), 6)
    const targets = tf.tensor1d([1, 0], 'int32')
    await expectGradients(store.variables, () =>
      crossEntropy(logitsOf(run(config, store.variables)), targets, { labelSmoothing: 0, ignoreIndex: -1 }),
    )
    store.dispose()
  })
})

it('refuses a pooling that nothing would teach', () => {
  const config = modelConfig(fusion, { image: { pooling: 'attention' } })
  expect(fusion.check(config)).toMatchObject([{ path: ['image', 'pooling'] }])
  for (const kind of ['gated', 'product'])
    expect(fusion.check(modelConfig(fusion, { image: { pooling: 'attention' }, fusion: kind }))).toEqual([])
})

it('refuses to multiply what does not come out', () => {
  const config = modelConfig(fusion, { join: 'product' })
  expect(fusion.check(config)).toMatchObject([
    { path: ['join'], message: expect.stringContaining('cross-attention') as string },
  ])
})

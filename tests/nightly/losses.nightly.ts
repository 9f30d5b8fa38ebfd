import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { lossBatch, lossWidth } from '../helpers/lossInputs.ts'
import { evaluate, firstResult, pointsOf, variantsOf, type LossVariant } from '../helpers/lossRuns.ts'

const plain = losses.all.map((loss): [string, LossVariant] => [loss.id, variantsOf(loss)[0]!])
const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const runs = { numRuns: 12, endOnFailure: true }

/** Both sides have the same part. */
const symmetric = [
  'alignment-uniformity',
  'barlow-twins',
  'clip',
  'composed-contrastive',
  'contrastive-to-vicreg',
  'debiased-contrastive',
  'decorrelation',
  'decoupled-contrastive',
  'diverse-contrastive',
  'dynamic-temperature',
  'hard-negatives',
  'negative-cosine',
  'nt-xent',
  'siglip',
  'supervised-contrastive-pairs',
  'vicreg',
]
/** Looks at directions only. */
const scaleFree = [
  'alignment-uniformity',
  'byol',
  'clip',
  'composed-contrastive',
  'debiased-contrastive',
  'decoupled-contrastive',
  'diverse-contrastive',
  'dynamic-temperature',
  'hard-negatives',
  'info-nce',
  'koleo',
  'negative-cosine',
  'nt-xent',
  'simsiam',
  'siglip',
  'supervised-contrastive',
  'supervised-contrastive-pairs',
]
/** Looks at products or distances of rows only; features may be mixed. */
const rotationFree = [...scaleFree, 'triplet-margin', 'multi-similarity']

/** The value for tensors that `change` makes of what is learned. */
async function valueOf(
  variant: LossVariant,
  options: { order: number[]; seed: number },
  change: (tensors: tf.Tensor[]) => tf.Tensor[],
): Promise<number> {
  const batch = lossBatch(variant.loss.accepts, options)
  const value = tf.tidy(() => {
    const tensors = pointsOf(variant, batch).map(({ shape, values }) => tf.tensor(values, [...shape]))
    return firstResult(variant, batch, change(tensors)).loss
  })
  const [number] = await value.data<'float32'>()
  value.dispose()
  return number!
}

function expectNear(found: number, expected: number): void {
  expect(Math.abs(found - expected), `${found} against ${expected}`).toBeLessThan(
    1e-4 * Math.max(1, Math.abs(expected)),
  )
}

const batches = fc.record({
  count: fc.integer({ min: 2, max: 128 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
})
const named = (ids: readonly string[]) => plain.filter(([id]) => ids.includes(id))

/** A rotation of the feature space: a product of plane rotations by angles that follow from the seed. */
function rotation(seed: number): tf.Tensor2D {
  const matrix = inOrder(lossWidth).map((i) => inOrder(lossWidth).map((j) => Number(i === j)))
  for (let i = 0; i < lossWidth; i++)
    for (let j = i + 1; j < lossWidth; j++) {
      const [cos, sin] = [Math.cos(seed + 3 * i + j), Math.sin(seed + 3 * i + j)]
      for (const row of matrix) {
        const [x, y] = [row[i]!, row[j]!]
        row[i] = cos * x - sin * y
        row[j] = sin * x + cos * y
      }
    }
  return tf.tensor2d(matrix)
}

describe('losses at random batches, on the CPU', { timeout: 120_000 }, () => {
  it.each(plain)(
    '%s: is finite, or refused by name, from one row to 128, in any order',
    async (_id, variant) => {
      await tf.setBackend('cpu')
      const options = fc.record({
        order: fc
          .integer({ min: 1, max: 128 })
          .chain((count) => fc.shuffledSubarray(inOrder(count), { minLength: 1 })),
        seed: fc.integer({ min: 0, max: 1e6 }),
        scale: fc.constantFrom(1, 1e-3, 30),
        hasSharedIds: fc.boolean(),
      })
      const isFinite = fc.asyncProperty(options, async (given) => {
        const found = await evaluate(variant, given)
        if (found instanceof BunsenError) return
        expect(Number.isFinite(found.value)).toBe(true)
        for (const gradient of found.gradients) expect(gradient.every(Number.isFinite)).toBe(true)
      })
      await fc.assert(isFinite, runs)
    },
  )

  it.each(plain)('%s: does not depend on the order of a batch', async (_id, variant) => {
    await tf.setBackend('cpu')
    const orders = fc
      .integer({ min: 2, max: 128 })
      .chain((count) => fc.shuffledSubarray(inOrder(count), { minLength: count, maxLength: count }))
    const holds = fc.asyncProperty(orders, fc.integer({ min: 0, max: 1e6 }), async (order, seed) => {
      const found = await evaluate(variant, { order, seed })
      const expected = await evaluate(variant, { order: inOrder(order.length), seed })
      if (found instanceof BunsenError || expected instanceof BunsenError) {
        expect(found).toBeInstanceOf(BunsenError)
        expect(expected).toBeInstanceOf(BunsenError)
        return
      }
      expectNear(found.value, expected.value)
    })
    await fc.assert(holds, runs)
  })

  it.each(named(symmetric))('%s: is the same with its sides exchanged', async (_id, variant) => {
    await tf.setBackend('cpu')
    const holds = fc.asyncProperty(batches, async ({ count, seed }) => {
      const options = { order: inOrder(count), seed }
      const exchanged = await valueOf(variant, options, ([a, b, ...others]) => [b!, a!, ...others])
      expectNear(exchanged, await valueOf(variant, options, (tensors) => tensors))
    })
    await fc.assert(holds, runs)
  })

  it.each(named(scaleFree))('%s: is the same for rows of any length', async (_id, variant) => {
    await tf.setBackend('cpu')
    const inputs = lossBatch(variant.loss.accepts, { order: [0] }).learned.length
    const holds = fc.asyncProperty(batches, async ({ count, seed }) => {
      const options = { order: inOrder(count), seed }
      const lengths = tf.range(1, count + 1).reshape([count, 1])
      const scaled = await valueOf(variant, options, (tensors) =>
        tensors.map((tensor, i) => (i < inputs ? tf.mul(tensor, lengths) : tensor)),
      )
      lengths.dispose()
      expectNear(scaled, await valueOf(variant, options, (tensors) => tensors))
    })
    await fc.assert(holds, runs)
  })

  // Those with a teacher are given its rows unrotated.
  const free = named(rotationFree).filter(([, { loss }]) => loss.accepts !== 'views')
  it.each(free)('%s: is the same after a rotation', async (_id, variant) => {
    await tf.setBackend('cpu')
    const inputs = lossBatch(variant.loss.accepts, { order: [0] }).learned.length
    const holds = fc.asyncProperty(batches, async ({ count, seed }) => {
      const options = { order: inOrder(count), seed }
      const turned = await valueOf(variant, options, (tensors) => {
        const turn = rotation(seed)
        return tensors.map((tensor, i) => (i < inputs ? tf.matMul(tensor as tf.Tensor2D, turn) : tensor))
      })
      expectNear(turned, await valueOf(variant, options, (tensors) => tensors))
    })
    await fc.assert(holds, runs)
  })
})

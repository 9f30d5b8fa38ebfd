import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { Generator } from '../../src/core/rng.ts'
import { defaultsOf } from '../../src/core/schema.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { lossBatch, lossWidth, type BatchOptions } from '../helpers/lossInputs.ts'
import {
  evaluate,
  firstResult,
  pointsOf,
  tensorOf,
  variantsOf,
  type Evaluated,
  type LossVariant,
} from '../helpers/lossRuns.ts'

/** Their gradient leaves out by design what follows from a batch without a gradient: a temperature, a covariance, weights, who is alike. */
const heldStill = new Set([
  'dynamic-temperature',
  'tico',
  'diverse-contrastive',
  'decoupled-contrastive with isWeighted true',
  'supervised-contrastive-pairs with positives alike',
])
/** There is nothing to tell apart before the queue holds something. */
const emptyAtFirst = new Set(['moco'])
const plain = losses.all.map((loss): [string, LossVariant] => [
  loss.id,
  { title: loss.id, loss, params: defaultsOf(loss.fields) },
])
const variants = losses.all
  .flatMap(variantsOf)
  .map((variant): [string, LossVariant] => [variant.title, variant])
const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

async function evaluated(variant: LossVariant, options: BatchOptions): Promise<Evaluated> {
  const found = await evaluate(variant, options)
  if (found instanceof BunsenError) throw found
  return found
}

function isFinite(found: Evaluated | BunsenError): boolean {
  if (found instanceof BunsenError) return true
  const numbers = [
    found.value,
    ...Object.values(found.parts),
    ...found.gradients.flatMap((each) => [...each]),
  ]
  return numbers.every(Number.isFinite)
}

describe('every loss, on the CPU', () => {
  it.each(variants.filter(([title, { loss }]) => !heldStill.has(loss.id) && !heldStill.has(title)))(
    '%s: its gradient is the slope of the loss',
    async (_title, variant) => {
      await tf.setBackend('cpu')
      const options = { order: inOrder(6) }
      const batch = lossBatch(variant.loss.accepts, options)
      const points = pointsOf(variant, batch)
      const found = await evaluated(variant, options)
      const valueAt = async (direction: Float32Array[], step: number): Promise<number> => {
        const shifted = points.map(({ shape, values }, i) => ({
          shape,
          values: Float32Array.from(values, (value, k) => value + step * direction[i]![k]!),
        }))
        const value = tf.tidy(() => firstResult(variant, batch, shifted.map(tensorOf)).loss)
        return (await value.data<'float32'>())[0]!
      }
      for (let trial = 0; trial < 3; trial++) {
        const generator = new Generator(trial, `tests/losses/direction`)
        const direction = points.map(({ values }, i) =>
          Float32Array.from(generator.normals(values.length, i)),
        )
        const expected = found.gradients.reduce(
          (sum, gradient, i) => sum + gradient.reduce((part, g, k) => part + g * direction[i]![k]!, 0),
          0,
        )
        const away = async (step: number) =>
          (await valueAt(direction, step)) - (await valueAt(direction, -step))
        // Of fourth order; the loss is exact to some 1e-7 of its size.
        const slope = (8 * (await away(4e-3)) - (await away(8e-3))) / 0.048
        const noise = 4e-4 * Math.max(1, Math.abs(found.value))
        expect(Math.abs(slope - expected), `${slope} against ${expected}`).toBeLessThan(
          1e-2 * Math.abs(expected) + noise,
        )
      }
    },
  )

  it.each(plain.filter(([id]) => !emptyAtFirst.has(id)))(
    '%s: falls when one batch follows its gradient',
    async (_id, variant) => {
      await tf.setBackend('cpu')
      const batch = lossBatch(variant.loss.accepts, { order: inOrder(4) })
      const learned = pointsOf(variant, batch).map((leaf) => tf.variable(tensorOf(leaf)))
      const adam = tf.train.adam(0.1)
      const lossAt = () => firstResult(variant, batch, learned).loss
      const valueOf = async () => (await tf.tidy(lossAt).data())[0]!
      const first = await valueOf()
      for (let step = 0; step < 20; step++) adam.minimize(lossAt, false, learned)
      const last = await valueOf()
      expect(first - last).toBeGreaterThan(0.02 * Math.max(Math.abs(first), 0.1))
      adam.dispose()
      tf.dispose(learned)
    },
  )

  it.each(plain)('%s: is finite, or refused by name, for any batch', async (_id, variant) => {
    await tf.setBackend('cpu')
    for (const count of [1, 2, 7, 65]) {
      const order = inOrder(count)
      const kinds = [
        {},
        { scale: 0 },
        { areEqual: true },
        { areTwins: true },
        { hasSharedIds: true },
        { scale: 1e3 },
        { scale: 1e-6 },
      ]
      for (const options of kinds)
        expect(
          isFinite(await evaluate(variant, { order, ...options })),
          JSON.stringify({ count, options }),
        ).toBe(true)
    }
  })

  it.each(plain)('%s: is finite at both ends of its temperatures', async (_id, variant) => {
    await tf.setBackend('cpu')
    for (const [name, field] of Object.entries(variant.loss.fields)) {
      if (!/temperature|scale|sharpness|beta|gamma|epsilon/i.test(name) || field.type !== 'number') continue
      for (const value of [field.min, field.max]) {
        const params = { ...variant.params, [name]: value }
        expect(
          isFinite(await evaluate({ ...variant, params }, { order: inOrder(5) })),
          `${name} ${value}`,
        ).toBe(true)
      }
    }
  })

  it.each(variants)('%s: does not depend on the order of a batch', async (_title, variant) => {
    await tf.setBackend('cpu')
    const [found, permuted] = [
      await evaluated(variant, { order: inOrder(7) }),
      await evaluated(variant, { order: [3, 0, 6, 1, 5, 2, 4] }),
    ]
    expect(Math.abs(found.value - permuted.value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(found.value)))
  })

  it.each(plain.filter(([, { loss }]) => loss.accepts === 'classes'))(
    '%s: takes logits that are not made as those that are, or refuses them by name',
    async (id, { loss, params }) => {
      await tf.setBackend('cpu')
      const [rows, table] = [tf.randomNormal<tf.Rank.R2>([6, 3], 0, 1, 'float32', 1), tf.eye(lossWidth, 3)]
      const targets = tensorOf(lossBatch('classes', { order: inOrder(6) }).given[0]!) as tf.Tensor1D
      const valueOf = async (logits: tf.Tensor2D | { rows: tf.Tensor2D; table: tf.Tensor2D }) =>
        (await tf.tidy(() => loss.compute(params, { classes: { logits, targets } }).loss).data())[0]!
      const made = await valueOf(tf.matMul(rows, table, false, true))
      expect(made).toBeGreaterThan(0.01)
      const unmade = await valueOf({ rows, table }).catch((error: unknown) => error)
      if (unmade instanceof BunsenError)
        expect(unmade.message).toContain(`Loss ${id}: needs logits as a whole`)
      else expect(unmade).toBeCloseTo(made, 5)
    },
  )

  it.each(plain)(
    '%s: gives scalars by name, keeps what it declares, and leaves no tensors behind',
    async (_id, variant) => {
      await tf.setBackend('cpu')
      const { loss, params } = variant
      const batch = lossBatch(loss.accepts, { order: inOrder(4) })
      await evaluate(variant, { order: inOrder(4) })
      const { numTensors } = tf.memory()
      await evaluate(variant, { order: inOrder(4) })
      expect(tf.memory().numTensors).toBe(numTensors)
      tf.tidy(() => {
        const points = pointsOf(variant, batch).map(tensorOf)
        const { loss: value, parts, state = {} } = firstResult(variant, batch, points)
        for (const scalar of [value, ...Object.values(parts)]) expect(scalar.shape).toEqual([])
        const declared = loss.state(params, { width: lossWidth, batchSize: 4 })
        expect(Object.keys(state).sort()).toEqual(Object.keys(declared).sort())
        for (const [name, { shape, dtype }] of Object.entries(declared))
          expect(state[name], name).toMatchObject({ shape: [...shape], dtype })
      })
    },
  )
})

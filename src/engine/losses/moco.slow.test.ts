import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { logSumExp, mean, unitRows } from '../../../tests/helpers/losses.ts'
import * as tf from '../backend/tfjs.ts'
import moco from './moco.ts'

const params = {
  temperature: 0.5,
  isTemperatureLearned: false,
  queueSize: 5,
  hasBatchNegatives: false,
  queueEnd: 'wrap',
}
const width = 3

interface Entry {
  id: number | null
  row: number[]
}

/** The queue as an array with a pointer. */
class SlowQueue {
  readonly places: (Entry | null)[]
  pointer = 0
  readonly #end: string
  constructor(size: number, end: string) {
    this.places = Array.from({ length: size }, () => null)
    this.#end = end
  }
  get filled(): number {
    return this.places.filter((at) => at !== null).length / this.places.length
  }
  /** @param emptyFactor of the temperature, which falls to 1 as the queue fills up */
  loss(queries: number[][], keys: readonly Entry[], hasBatchNegatives: boolean, emptyFactor = 1): number {
    const temperature = params.temperature * (emptyFactor - (emptyFactor - 1) * this.filled)
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d]!, 0) / temperature
    return mean(
      queries.map((query, i) => {
        const own = (key: Entry, j: number) => (key.id === null ? j === i : key.id === keys[i]!.id)
        const positives = keys.filter(own)
        const others = keys.filter((key, j) => hasBatchNegatives && !own(key, j))
        const queued = this.places.filter((at) => at !== null && (at.id === null || at.id !== keys[i]!.id))
        const negatives = [...others, ...(queued as Entry[])]
        const scores = [...positives, ...negatives].map(({ row }) => dot(query, row))
        return logSumExp(scores) - mean(scores.slice(0, positives.length))
      }),
    )
  }
  add(keys: readonly Entry[]): void {
    for (const key of keys) {
      if (this.#end === 'truncate' && this.pointer === this.places.length) break
      this.places[this.pointer % this.places.length] = key
      this.pointer++
    }
    if (this.#end === 'wrap') this.pointer %= this.places.length
    else if (this.pointer === this.places.length) this.pointer = 0
  }
}

await describeOnDevices('MoCo', () => {
  it.each([
    { name: 'each row its own item', batchSize: 2, classes: 0 },
    { name: 'ids', batchSize: 3, classes: 4 },
    { name: 'ids and negatives of the batch', batchSize: 3, classes: 4, hasBatchNegatives: true },
    { name: 'a batch that is cut off', batchSize: 3, classes: 0, queueEnd: 'truncate' },
    { name: 'batches as large as the queue', batchSize: 5, classes: 0 },
    { name: 'batches larger than the queue', batchSize: 12, classes: 7 },
    { name: 'batches larger than the queue, cut off', batchSize: 12, classes: 7, queueEnd: 'truncate' },
  ])('keeps its queue from step to step: $name', async ({ batchSize, classes, ...variant }) => {
    const all = { ...params, ...variant }
    const slow = new SlowQueue(all.queueSize, all.queueEnd)
    const specs = Object.entries(moco.state(all, { width, batchSize }))
    let state: Record<string, tf.Tensor> = Object.fromEntries(
      specs.map(([name, { shape, dtype }]) => [name, tf.zeros([...shape], dtype)]),
    )
    for (let step = 0; step < 5; step++) {
      const [q, k] = ['q', 'k'].map((name) => normals(batchSize * width, `${name} ${step}`)) as [
        Float32Array,
        Float32Array,
      ]
      const ids = classes === 0 ? null : Array.from({ length: batchSize }, (_, i) => (i * i + step) % classes)
      const result = moco.compute(
        all,
        {
          momentumPairs: {
            query: tf.tensor2d(q, [batchSize, width]),
            key: tf.tensor2d(k, [batchSize, width]),
            ids: ids && tf.tensor1d(ids, 'int32'),
          },
        },
        { scalars: {}, state },
      )
      const keys = unitRows(Float64Array.from(k), width).map((row, i) => ({ row, id: ids?.[i] ?? null }))
      const wanted = slow.loss(unitRows(Float64Array.from(q), width), keys, all.hasBatchNegatives)
      expect((await result.loss.data())[0]).toBeCloseTo(wanted, 5)
      slow.add(keys)
      state = { ...result.state! }
      expect(Object.keys(state).sort()).toEqual(specs.map(([name]) => name).sort())
      for (const [name, { shape, dtype }] of specs)
        expect([state[name]!.shape, state[name]!.dtype]).toEqual([shape, dtype])
      expect([...(await state['pointer']!.data())]).toEqual([slow.pointer])
      const rows = await state['queue']!.data()
      slow.places.flatMap((at) => at?.row ?? [0, 0, 0]).forEach((x, i) => expect(rows[i]).toBeCloseTo(x, 5))
      expect((await result.parts['filled']!.data())[0]).toBeCloseTo(slow.filled, 6)
    }
  })

  it('asks both ways, each with a queue of its own, at a temperature that falls as they fill up', async () => {
    const batchSize = 3
    const all = { ...params, queueSize: 8, isSymmetric: true, emptyFactor: 1.5 }
    const specs = Object.entries(moco.state(all, { width, batchSize }))
    let state: Record<string, tf.Tensor> = Object.fromEntries(
      specs.map(([name, { shape, dtype }]) => [name, tf.zeros([...shape], dtype)]),
    )
    const slow = [new SlowQueue(8, 'wrap'), new SlowQueue(8, 'wrap')] as const
    for (let step = 0; step < 4; step++) {
      const ids = [0, 1, 2].map((i) => (i + step) % 4)
      const made = ['a', 'b', 'key of a', 'key of b'].map((name) =>
        normals(batchSize * width, `${name} ${step}`),
      )
      const of = (i: number) => tf.tensor2d(made[i]!, [batchSize, width])
      const pairs = { query: of(0), key: of(3), ids: tf.tensor1d(ids, 'int32') }
      const momentumPairs = { ...pairs, reverse: { query: of(1), key: of(2) } }
      const [a, b, keyA, keyB] = made.map((values) => unitRows(Float64Array.from(values), width))
      const entries = [keyB!, keyA!].map((rows) => rows.map((row, i) => ({ row, id: ids[i]! })))
      const wanted = mean([a!, b!].map((rows, i) => slow[i]!.loss(rows, entries[i]!, false, 1.5)))
      const temperature = params.temperature * (1.5 - 0.5 * slow[0].filled)
      const { loss, parts, state: next } = moco.compute(all, { momentumPairs }, { scalars: {}, state })
      expect((await loss.data())[0]).toBeCloseTo(wanted, 5)
      expect((await parts['temperature']!.data())[0]).toBeCloseTo(temperature, 5)
      slow.forEach((queue, i) => queue.add(entries[i]!))
      state = { ...next! }
      for (const [i, name] of ['queue', 'reverseQueue'].entries()) {
        const rows = await state[name]!.data()
        slow[i]!.places.flatMap((at) => at?.row ?? [0, 0, 0]).forEach((x, k) =>
          expect(rows[k], `${name} ${k}`).toBeCloseTo(x, 5),
        )
      }
    }
  })

  it('refuses both directions of one', () => {
    const none: tf.Tensor2D = tf.zeros([2, 3])
    const all = { ...params, isSymmetric: true }
    const state = Object.fromEntries(
      Object.entries(moco.state(all, { width, batchSize: 2 })).map(([name, { shape, dtype }]) => [
        name,
        tf.zeros([...shape], dtype),
      ]),
    )
    const momentumPairs = { query: none, key: none, ids: null }
    expect(() => moco.compute(all, { momentumPairs }, { scalars: {}, state })).toThrow(
      /the other way round, got one direction/,
    )
  })

  it('gives no gradient to keys and queue, and one to queries', async () => {
    const [q, k] = [tf.tensor2d(normals(6, 'q'), [2, 3]), tf.tensor2d(normals(6, 'k'), [2, 3])]
    const queue = tf.tensor2d(normals(15, 'n'), [5, 3])
    const state = { places: tf.fill([5], 9, 'int32'), pointer: tf.zeros([1], 'int32') }
    const of = tf.grads((query: tf.Tensor, key: tf.Tensor, rows: tf.Tensor) => {
      const pairs = { query: query as tf.Tensor2D, key: key as tf.Tensor2D, ids: null }
      const memory = { scalars: {}, state: { ...state, queue: rows } }
      const { loss } = moco.compute(params, { momentumPairs: pairs }, memory)
      return tf.add(loss, tf.mul(tf.add(tf.sum(key), tf.sum(rows)), 0))
    })
    const [ofQuery, ofKey, ofQueue] = await Promise.all(of([q, k, queue]).map((slope) => slope.data()))
    expect([...ofQuery!].some((value) => Math.abs(value) > 0.01)).toBe(true)
    for (const value of [...ofKey!, ...ofQueue!]) expect(Math.abs(value)).toBe(0)
  })

  it('asks for its state', () => {
    const none: tf.Tensor2D = tf.zeros([2, 3])
    const momentumPairs = { query: none, key: none, ids: null }
    expect(() => moco.compute(params, { momentumPairs })).toThrow(/state queue, got nothing/)
  })
})

import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import type { ItemRequest } from './defineSampler.ts'
import { requireSampler, sampleBatch, sampleItems, samplers } from './registry.ts'

const lengths = Int32Array.from({ length: 100 }, (_, place) => 1 + ((place * 7) % 30))
/** Class 0 has 90 items of 100, class 1 nine, class 2 one. */
const labels = Int32Array.from({ length: 100 }, (_, place) => (place < 90 ? 0 : place < 99 ? 1 : 2))
/** Two tokens each: of a hundred items ten have the token 1000 + n. */
const texts = {
  rows: Int32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i / 2 : 1000 + (((i - 1) / 2) % 10))),
  ids: Int32Array.from({ length: 100 }, (_, place) => place),
}
const request: ItemRequest = {
  texts,
  count: 100,
  labels,
  lengths,
  batchSize: 12,
  step: 3,
  microStep: 0,
  accumulationSteps: 1,
  seed: 7,
}

describe.each(samplers.all.filter(({ of }) => of === 'items').map(({ id }) => id))('%s', (kind) => {
  const sampler = { kind, ...defaultsOf(samplers.get(kind).fields) }

  it('gives places that exist, with labels and without, and more than there are', () => {
    for (const own of [labels, null])
      for (const [ownLengths, ownTexts] of [
        [lengths, texts],
        [null, null],
      ] as const) {
        for (const batchSize of [1, 12, 300]) {
          const places = sampleItems(sampler, {
            ...request,
            labels: own,
            lengths: ownLengths,
            texts: ownTexts,
            batchSize,
          })
          expect(places).toHaveLength(batchSize)
          expect(places.every((place) => place >= 0 && place < 100)).toBe(true)
        }
      }
  })

  it('depends on seed, step and micro step, and on nothing else', () => {
    const first = sampleItems(sampler, request)
    sampleItems(sampler, { ...request, step: 900 })
    expect(sampleItems(sampler, request)).toEqual(first)
    expect(sampleItems(sampler, { ...request, seed: 8 })).not.toEqual(first)
    expect(sampleItems(sampler, { ...request, step: 4 })).not.toEqual(first)
  })

  it('draws the same items in one batch or in accumulated ones', () => {
    const half = (microStep: number) =>
      sampleItems(sampler, { ...request, batchSize: 6, accumulationSteps: 2, microStep })
    expect([...half(0), ...half(1)]).toEqual([...sampleItems(sampler, request)])
  })

  it('cannot draw windows of a text', () => {
    const tokens = new Int32Array(100)
    const place = { batchSize: 1, seqLen: 4, step: 0, microStep: 0, accumulationSteps: 1, seed: 1 }
    expect(() => sampleBatch(sampler, { ...place, tokens })).toThrow(/cannot draw from a text/)
    expect(() => requireSampler(kind, 'windows')).toThrow(expect.objectContaining({ code: 'sampler-kind' }))
  })
})

it('shuffled items show each item once an epoch, in another order in the next', () => {
  const epochs = [0, 1].map((step) =>
    sampleItems({ kind: 'shuffled-items' }, { ...request, batchSize: 100, step }),
  )
  for (const places of epochs) expect(new Set(places).size).toBe(100)
  expect(epochs[0]).not.toEqual(epochs[1])
})

it('balanced items show every class as often, and each item of a class before any again', () => {
  const places = sampleItems({ kind: 'balanced-items' }, { ...request, batchSize: 270, step: 0 })
  const ofClass = (label: number) => [...places].filter((place) => labels[place] === label)
  expect([0, 1, 2].map((label) => ofClass(label).length)).toEqual([90, 90, 90])
  expect(new Set(ofClass(0)).size).toBe(90)
  expect(new Set(ofClass(1).slice(0, 9)).size).toBe(9)
})

it('names what could draw instead', () => {
  expect(() => requireSampler('random-windows', 'items')).toThrow(/cannot draw from a set of items/)
})

it('buckets of lengths show each item as often as shuffled ones do, with far less to fill up', () => {
  const [batchSize, count] = [8, 256]
  const many = Int32Array.from({ length: count }, (_, place) => (place * 37) % 61)
  const batches = (kind: string) =>
    // A pool: 32 updates.
    Array.from({ length: 32 }, (_, step) =>
      sampleItems({ kind }, { ...request, count, lengths: many, batchSize, step }),
    )
  const sorted = (of: Int32Array[]) => of.flatMap((places) => [...places]).sort((a, b) => a - b)
  const [bucketed, shuffled] = [batches('length-buckets'), batches('shuffled-items')]
  expect(sorted(bucketed)).toEqual(sorted(shuffled))
  const filled = (of: Int32Array[]) => {
    const longest = of.map((places) => Math.max(...[...places].map((place) => many[place]!)))
    return longest.reduce((sum, length) => sum + length * batchSize, 0)
  }
  const held = sorted(bucketed).reduce((sum, place) => sum + many[place]!, 0)
  expect(filled(bucketed)).toBeLessThan(1.1 * held)
  expect(filled(shuffled)).toBeGreaterThan(1.6 * held)
  // In no order of length.
  const means = bucketed.map((places) => places.reduce((sum, place) => sum + many[place]!, 0))
  expect(means).not.toEqual([...means].sort((a, b) => a - b))
})

it('groups of items bring several of a class together, every class as often and each item before any again', () => {
  const draw = (batchSize: number, step = 0) =>
    sampleItems({ kind: 'grouped-items', perGroup: 3 }, { ...request, batchSize, step })
  const places = [...draw(270)]
  for (let group = 0; group < 90; group++)
    expect(new Set(places.slice(3 * group, 3 * group + 3).map((place) => labels[place])).size).toBe(1)
  const ofClass = (label: number) => places.filter((place) => labels[place] === label)
  expect([0, 1, 2].map((label) => ofClass(label).length)).toEqual([90, 90, 90])
  expect(new Set(ofClass(0)).size).toBe(90)
  expect(new Set(ofClass(1).slice(0, 9)).size).toBe(9)
  // Cut into batches they are the same.
  expect([0, 1, 2].flatMap((step) => [...draw(90, step)])).toEqual(places)
  const byText = sampleItems(
    { kind: 'grouped-items', perGroup: 2 },
    { ...request, labels: null, texts: { ...texts, ids: texts.ids.map((id) => id % 50) }, batchSize: 100 },
  )
  for (let i = 0; i < 100; i += 2) expect(byText[i]! % 50).toBe(byText[i + 1]! % 50)
})

it('similar items come in pairs that share a rare token, and no text', () => {
  const draw = (given: Partial<ItemRequest>) =>
    sampleItems({ kind: 'similar-items' }, { ...request, batchSize: 200, step: 0, ...given })
  const places = draw({})
  for (let i = 0; i < 200; i += 2) {
    const [a, b] = [places[i]!, places[i + 1]!]
    expect(a % 10).toBe(b % 10)
    expect(a).not.toBe(b)
  }
  const own = places.filter((_, i) => i % 2 === 0)
  expect(new Set(own).size).toBe(100)
  expect(new Set(places.filter((_, i) => i % 2 === 1)).size).toBeGreaterThan(50)
  // Equal texts are no negatives of each other: nothing alike is left.
  const equal = draw({ texts: { ...texts, ids: texts.ids.map((id) => id % 10) } })
  const alike = equal.filter((place, i) => i % 2 === 0 && place % 10 === equal[i + 1]! % 10).length
  expect(alike).toBeLessThan(25)
})

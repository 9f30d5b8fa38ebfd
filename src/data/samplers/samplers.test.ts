import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { validationBatch } from '../validationBatch.ts'
import type { BatchRequest } from './defineSampler.ts'
import { sampleBatch, samplers } from './registry.ts'

/** Each token is its own place. */
const tokens = Int32Array.from({ length: 1000 }, (_, i) => i)
const request: BatchRequest = {
  tokens,
  batchSize: 4,
  seqLen: 32,
  step: 3,
  microStep: 0,
  accumulationSteps: 1,
  seed: 7,
}

const kindsOf = (of: 'windows' | 'items') => samplers.all.filter((kind) => kind.of === of).map(({ id }) => id)

describe.each(kindsOf('windows'))('%s', (kind) => {
  it('gives whole windows and the token after each input', () => {
    for (const length of [33, 34, 64, 65, 1000]) {
      for (let step = 0; step < 50; step++) {
        const { inputs, targets } = sampleBatch(
          { kind },
          { ...request, tokens: tokens.subarray(0, length), step },
        )
        expect(inputs.length).toBe(4 * 32)
        for (let i = 0; i < inputs.length; i++) {
          expect(targets[i]).toBe(inputs[i]! + 1)
          if (i % 32 > 0) expect(inputs[i]).toBe(inputs[i - 1]! + 1)
        }
        expect(Math.max(...targets)).toBeLessThan(length)
      }
    }
  })

  it('depends on seed, step and micro step, and on nothing else', () => {
    const first = sampleBatch({ kind }, request).inputs
    sampleBatch({ kind }, { ...request, step: 900 })
    expect(sampleBatch({ kind }, request).inputs).toEqual(first)
    expect(sampleBatch({ kind }, { ...request, seed: 8 }).inputs).not.toEqual(first)
    expect(sampleBatch({ kind }, { ...request, step: 4 }).inputs).not.toEqual(first)
    expect(sampleBatch({ kind }, { ...request, microStep: 1, accumulationSteps: 2 }).inputs).not.toEqual(
      first,
    )
  })

  it('draws the same rows in one batch or in accumulated ones', () => {
    const whole = sampleBatch({ kind }, request).inputs
    const half = (microStep: number) =>
      sampleBatch({ kind }, { ...request, batchSize: 2, accumulationSteps: 2, microStep }).inputs
    expect([...half(0), ...half(1)]).toEqual([...whole])
  })

  it('says what is missing and how long a sequence may be', () => {
    expect(() => sampleBatch({ kind }, { ...request, tokens: tokens.subarray(0, 20) })).toThrow(
      expect.objectContaining({
        code: 'split-too-short',
        message: expect.stringMatching(/sequence length \+ 1 = 33 tokens, got 20/) as string,
        remedy: expect.stringContaining('at most 19') as string,
      }) as Error,
    )
  })
})

it('random windows reach the first and the last place', () => {
  const places = new Set<number>()
  for (let step = 0; step < 400; step++)
    places.add(
      sampleBatch({ kind: 'random-windows' }, { ...request, tokens: tokens.subarray(0, 40), step })
        .inputs[0]!,
    )
  expect([...places].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

it('shuffled windows show each window once an epoch, in another order and from another offset in the next', () => {
  const windows = Math.floor((1000 - 32) / 32)
  const epochs = [0, 1].map((epoch) =>
    Array.from({ length: windows }, (_, i) => {
      const step = epoch * windows + i
      return sampleBatch({ kind: 'shuffled-windows' }, { ...request, batchSize: 1, step }).inputs[0]!
    }),
  )
  for (const starts of epochs) {
    const sorted = [...starts].sort((a, b) => a - b)
    expect(sorted.every((start, i) => i === 0 || start === sorted[i - 1]! + 32)).toBe(true)
  }
  expect(epochs[0]!.map((start) => start % 32)[0]).not.toBe(epochs[1]!.map((start) => start % 32)[0])
  expect(epochs[0]!.map((start) => Math.floor(start / 32))).not.toEqual(
    epochs[1]!.map((start) => Math.floor(start / 32)),
  )
})

it('permute is a permutation of every length, and spreads evenly', () => {
  const generator = new Generator(1, 'order')
  for (const length of [1, 2, 3, 5, 16, 17, 100, 1000]) {
    const seen = new Set(Array.from({ length }, (_, i) => permute(i, length, generator, 0)))
    expect(seen.size).toBe(length)
    expect(Math.max(...seen)).toBe(length - 1)
  }
  for (const index of [0, 3, 9]) {
    const counts = new Array<number>(10).fill(0)
    for (let step = 0; step < 5000; step++) counts[permute(index, 10, generator, step)]!++
    const chiSquare = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)
    expect(chiSquare).toBeLessThan(27.9) // 0.1 % of fair draws with 9 degrees of freedom lie above
  }
})

it('validation windows are fixed and reach from the first token to the last', () => {
  const batch = (index: number) =>
    validationBatch({ tokens, batchSize: 4, seqLen: 32, batch: index, batches: 3 })
  expect(batch(0).inputs[0]).toBe(0)
  expect(batch(2).targets.at(-1)).toBe(999)
  const starts = [0, 1, 2].flatMap((index) => [0, 1, 2, 3].map((row) => batch(index).inputs[row * 32]!))
  expect(starts).toEqual(Array.from({ length: 12 }, (_, i) => Math.floor((i * 967) / 11)))
  expect(() =>
    validationBatch({ tokens: tokens.subarray(0, 5), batchSize: 1, seqLen: 8, batch: 0, batches: 1 }),
  ).toThrow(/validation part/)
})

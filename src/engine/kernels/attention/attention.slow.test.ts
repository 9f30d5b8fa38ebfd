import { expect, it } from 'vitest'
import { attentionReference } from '../../../../tests/helpers/attentionReference.ts'
import { describeOnDevices, isInBrowser, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  expectMatchesReference,
  type KernelCase,
  normals,
  valueAndGradients,
  withoutSubgroups,
} from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { attention, type AttentionOptions, plainAttention } from './attention.ts'

const dropout = { rate: 0.25, key: new Generator(3, 'attention').key, step: 7, counter: null }
const halfSplit = { base: 10000, rotaryDim: 4, style: 'half-split', firstPosition: 3 } as const
const interleaved = { ...halfSplit, style: 'interleaved' } as const
const causal = { ...plainAttention, isCausal: true }

interface Case extends AttentionOptions {
  headDim: number
  queries: number
  keys: number
  isPacked: boolean
  mask: readonly number[] | null
}

const slow = { timeout: 120_000 }

const basic: Case = {
  ...causal,
  batchSize: 2,
  numHeads: 2,
  numKeyHeads: 2,
  headDim: 4,
  queries: 5,
  keys: 5,
  isPacked: true,
  mask: null,
}
const cross = { ...basic, isCausal: false, isPacked: false, queries: 3 }
const mask = [1, 0, 1, 1, 0, 0, 0, 1, 1, 1]

const kernelOf = (options: Case): KernelCase => {
  const { batchSize, numHeads, numKeyHeads, headDim, queries, keys, isPacked } = options
  const q = [batchSize * queries, (numHeads + (isPacked ? 2 * numKeyHeads : 0)) * headDim]
  const kv = [batchSize * keys, 2 * numKeyHeads * headDim]
  return {
    shapes: isPacked ? [q] : [q, kv],
    run: (first: Tensor, second?: Tensor) =>
      tf.tidy(() => {
        const keyMask = options.mask && tf.tensor2d([...options.mask], [batchSize, keys], 'int32')
        const rows = first as Tensor2D
        const inputs = second ? { q: rows, kv: second as Tensor2D } : { qkv: rows }
        return attention(inputs, { ...options, keyMask })
      }),
  }
}

/** In the forms with and without subgroups. */
async function expectAllForms(options: Case): Promise<void> {
  const run = () => expectFusedMatchesTwin(kernelOf(options), { rtol: 1e-5, atol: 1e-5 })
  await run()
  await withoutSubgroups(run)
}

await describeOnDevices('attention', () => {
  const small: Record<string, Case> = {
    causal: basic,
    'full, odd heads': { ...basic, isCausal: false, headDim: 3 },
    dropout: { ...basic, dropout },
    'rotary half-split': { ...basic, rotary: halfSplit, headDim: 6 },
    'rotary interleaved with dropout': { ...basic, rotary: interleaved, dropout },
    'rotary over whole parts': { ...basic, rotary: { ...halfSplit, rotaryDim: 8 }, headDim: 12 },
    'ALiBi and a scale': { ...basic, hasAlibi: true, scale: 0.3, numHeads: 3, numKeyHeads: 3 },
    window: { ...basic, windowSize: 2 },
    'window both ways': { ...basic, isCausal: false, windowSize: 2, hasAlibi: true },
    'key mask, some queries see nothing': { ...basic, mask },
    'grouped queries': { ...basic, numHeads: 4, mask, dropout, rotary: halfSplit },
    'one key head': { ...basic, numHeads: 3, numKeyHeads: 1 },
    cross,
    'cross with a mask, groups and dropout': { ...cross, numHeads: 4, mask, dropout },
    'cross with everything': { ...cross, mask, dropout, rotary: halfSplit },
  }
  for (const [name, options] of Object.entries(small)) {
    it(`equals float64 loops and finite differences: ${name}`, async () => {
      const reference = attentionReference(options, options, options.mask)
      const kernel = kernelOf(options)
      await expectMatchesReference(kernel, reference, { rtol: 4e-6, atol: 4e-6 })
    })
  }

  it('fused equals its twin in every form, with every option', slow, async () => {
    for (const options of Object.values(small)) {
      if (isInBrowser) await expectFusedMatchesTwin(kernelOf(options), { rtol: 1e-5, atol: 1e-5 })
      else await expectAllForms(options)
    }
  })

  for (const headDim of sizesToTry([1, 2, 8, 16, 5])) {
    it(`fused equals its twin in every form at head size ${headDim}`, slow, async () => {
      await expectAllForms({ ...basic, headDim, queries: 9, keys: 9, dropout })
    })
  }
  // Where a shader compiler is slow, without the form that is for other adapters.
  for (const headDim of sizesToTry([32, 128, 64])) {
    it(`fused equals its twin at head size ${headDim}`, slow, async () => {
      const rotaryDim = Math.floor(headDim / 8) * 8
      const options = { ...basic, headDim, queries: 9, keys: 9, rotary: { ...halfSplit, rotaryDim } }
      const backend = tf.backend()
      if (!(backend instanceof LabBackend)) return
      if (!backend.isSlowToCompile && headDim !== 64)
        return expectAllForms({ ...options, dropout, numHeads: 4 })
      await expectFusedMatchesTwin(kernelOf(options), { rtol: 1e-5, atol: 1e-5 })
    })
  }

  it('fused equals its twin where a long head is cut unevenly', slow, async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend) || backend.isSlowToCompile || isInBrowser) return
    const long = { ...basic, queries: 37, keys: 37, numHeads: 4, windowSize: 11, hasAlibi: true }
    for (const options of [
      { ...long, headDim: 66, rotary: { ...interleaved, rotaryDim: 40 }, dropout },
      { ...cross, headDim: 100, keys: 21, mask: Array.from({ length: 42 }, (_, i) => i % 3) },
    ])
      await expectFusedMatchesTwin(kernelOf(options), { rtol: 1e-5, atol: 1e-5 })
  })

  it('fused equals its twin at awkward lengths', slow, async () => {
    for (const length of sizesToTry([1, 64, 130, 65])) {
      const one = { ...basic, batchSize: 1, queries: length, keys: length }
      await expectAllForms({ ...one, dropout })
      await expectAllForms({ ...one, windowSize: 7, hasAlibi: true, numHeads: 4 })
      await expectAllForms({ ...one, isCausal: false, windowSize: 7, rotary: interleaved })
      await expectAllForms({ ...one, isCausal: false, isPacked: false, keys: 71 })
    }
  })

  it('does not look ahead', async () => {
    const options = { ...causal, batchSize: 1, numHeads: 2, numKeyHeads: 2, rotary: halfSplit }
    const qkv = normals(9 * 24, 'qkv')
    const changed = qkv.slice()
    changed.fill(100, 5 * 24)
    const before = await attention({ qkv: tf.tensor2d(qkv, [9, 24]) }, options).data()
    const after = await attention({ qkv: tf.tensor2d(changed, [9, 24]) }, options).data()
    expect([...after.slice(0, 5 * 8)]).toEqual([...before.slice(0, 5 * 8)])
    expect([...after.slice(5 * 8)]).not.toEqual([...before.slice(5 * 8)])
  })

  it('stays finite and picks the largest score when scores are huge', async () => {
    const qkv = new Float32Array(3 * 12).fill(1)
    for (let position = 0; position < 3; position++) {
      qkv.fill(1e3, position * 12, position * 12 + 4)
      qkv.fill(position === 1 ? 1e4 : -1e4, position * 12 + 4, position * 12 + 8)
      qkv.fill(position, position * 12 + 8, position * 12 + 12)
    }
    const { run } = kernelOf({ ...basic, batchSize: 1, numHeads: 1, numKeyHeads: 1, queries: 3, keys: 3 })
    const [value, gradient] = await valueAndGradients({ shapes: [[3, 12]], inputs: [qkv], run })
    expectClose(value!, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], { rtol: 0, atol: 1e-6 })
    for (const entry of gradient!) expect(Number.isFinite(entry)).toBe(true)
  })

  it('gives 0 and no gradient where every key is masked', async () => {
    const nothing = { ...basic, isCausal: false, batchSize: 1, mask: [0, 0, 0, 0, 0] }
    const [value, gradient] = await valueAndGradients(kernelOf(nothing))
    expect([...value!].every((entry) => entry === 0)).toBe(true)
    expect([...gradient!].every((entry) => entry === 0)).toBe(true)
  })

  it('refuses what does not fit', () => {
    const options = { ...causal, batchSize: 2, numHeads: 2, numKeyHeads: 2 }
    const qkv = tf.zeros([10, 16]) as Tensor2D
    expect(() => attention({ qkv }, options)).toThrow(/give 6 heads a whole head size, got 16/)
    expect(() => attention({ qkv }, { ...options, numKeyHeads: 3 })).toThrow(/must divide 2 heads, got 3/)
    expect(() => attention({ q: qkv, kv: tf.zeros([8, 32]) }, options)).toThrow(/as many keys as queries/)
    expect(() =>
      attention({ qkv: tf.zeros([10, 24]) }, { ...options, rotary: { ...halfSplit, rotaryDim: 3 } }),
    ).toThrow(/rotaryDim must be even/)
  })
})

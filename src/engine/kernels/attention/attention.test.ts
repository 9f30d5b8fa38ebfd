import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  expectMatchesReference,
  normals,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropoutMask } from '../dropout/dropoutMask.ts'
import { type AttentionOptions, causalAttention } from './attention.ts'

const base: AttentionOptions = { batchSize: 2, seqLen: 5, numHeads: 2, rotary: null, dropout: null }
const rotary = { base: 10000, style: 'half-split' } as const
const dropout = { rate: 0.25, key: new Generator(3, 'attention').key, step: 7, counter: null }
// batchSize, seqLen, numHeads, headDim
const awkward = [
  [1, 1, 1, 1],
  [2, 33, 1, 8],
  [1, 64, 3, 5],
  [1, 65, 2, 8],
  [1, 130, 1, 2],
]
const runWith = (options: AttentionOptions) => (qkv: Tensor) => causalAttention(qkv as Tensor2D, options)

/** One query at a time in float64, from the definition. */
function referenceWith(options: AttentionOptions, headDim: number) {
  const { batchSize, seqLen, numHeads } = options
  const width = numHeads * headDim
  const mask = options.dropout && dropoutMask(batchSize * numHeads * seqLen * seqLen, options.dropout)
  return (qkv: Float64Array): Float64Array => {
    const out = new Float64Array(batchSize * seqLen * width)
    for (let b = 0; b < batchSize; b++) {
      for (let h = 0; h < numHeads; h++) {
        const vector = (position: number, which: number): number[] => {
          const at = (b * seqLen + position) * 3 * width + which * width + h * headDim
          const values = [...qkv.subarray(at, at + headDim)]
          return options.rotary && which < 2 ? rotated(values, position, options.rotary.base) : values
        }
        for (let i = 0; i < seqLen; i++) {
          const scores = Array.from({ length: i + 1 }, (_, j) =>
            Math.exp(product(vector(i, 0), vector(j, 1)) / Math.sqrt(headDim)),
          )
          const total = scores.reduce((sum, score) => sum + score, 0)
          scores.forEach((score, j) => {
            const factor = mask?.[((b * numHeads + h) * seqLen + i) * seqLen + j] ?? 1
            vector(j, 2).forEach((value, d) => {
              out[(b * seqLen + i) * width + h * headDim + d]! += (score / total) * factor * value
            })
          })
        }
      }
    }
    return out
  }
}

function product(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}

function rotated(values: number[], position: number, wavelength: number): number[] {
  const half = values.length / 2
  return values.map((value, i) => {
    const angle = position * wavelength ** (-(i % half) / half)
    const partner = i < half ? -values[i + half]! : values[i - half]!
    return value * Math.cos(angle) + partner * Math.sin(angle)
  })
}

await describeOnDevices('causalAttention', () => {
  it('equals float64 loops and finite differences, with rotary positions and dropout', async () => {
    for (const options of [base, { ...base, rotary }, { ...base, dropout }, { ...base, rotary, dropout }]) {
      for (const headDim of [4, 6]) {
        const kernel = { shapes: [[10, 6 * headDim]], run: runWith(options) }
        await expectMatchesReference(kernel, referenceWith(options, headDim), { rtol: 2e-6, atol: 2e-6 })
      }
    }
  })

  it('fused equals its twin at awkward sizes', async () => {
    for (const [batchSize, seqLen, numHeads, headDim] of awkward) {
      const options = { batchSize: batchSize!, seqLen: seqLen!, numHeads: numHeads!, rotary: null, dropout }
      const shapes = [[batchSize! * seqLen!, 3 * numHeads! * headDim!]]
      await expectFusedMatchesTwin({ shapes, run: runWith(options) }, { rtol: 1e-5, atol: 1e-5 })
    }
  })

  it('does not look ahead', async () => {
    const options = { ...base, batchSize: 1, seqLen: 9, rotary }
    const qkv = normals(9 * 24, 'qkv')
    const changed = qkv.slice()
    changed.fill(100, 5 * 24)
    const before = await runWith(options)(tf.tensor2d(qkv, [9, 24])).data()
    const after = await runWith(options)(tf.tensor2d(changed, [9, 24])).data()
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
    const options = { batchSize: 1, seqLen: 3, numHeads: 1, rotary: null, dropout: null }
    const [value, gradient] = await valueAndGradients({
      shapes: [[3, 12]],
      inputs: [qkv],
      run: runWith(options),
    })
    expectClose(value!, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], { rtol: 0, atol: 1e-6 })
    for (const entry of gradient!) expect(Number.isFinite(entry)).toBe(true)
  })

  it('refuses a width that is not three times the heads', () => {
    expect(() => runWith(base)(tf.zeros([10, 16]))).toThrow(
      /must give 2 heads 3 times a whole head size, got 16/,
    )
    expect(() => runWith({ ...base, rotary })(tf.zeros([10, 18]))).toThrow(/an even head size, got 18/)
  })
})

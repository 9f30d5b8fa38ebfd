import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { tokenSequence } from './tokenSequence.ts'

interface Sizes {
  batchSize: number
  tokens: number
  prefix: number
  /** Tokens of the prefix that have positions; null without positions. */
  first: number | null
  width: number
}

function kernelOf({ batchSize, tokens, prefix, first, width }: Sizes) {
  const shapes = [[batchSize * tokens, width]]
  if (prefix > 0) shapes.push([prefix, width])
  if (first !== null) shapes.push([first + tokens, width])
  const run = (...[x, ...weights]: Tensor[]): Tensor =>
    tokenSequence({
      x: x as Tensor2D,
      batchSize,
      prefix: prefix > 0 ? (weights[0] as Tensor2D) : null,
      positions: first === null ? null : (weights.at(-1) as Tensor2D),
    })
  return { shapes, run }
}

function referenceOf({ batchSize, tokens, prefix, first, width }: Sizes) {
  return (x: Float64Array, ...weights: Float64Array[]): number[] => {
    const positions = first === null ? null : weights.at(-1)!
    const result: number[] = []
    for (let b = 0; b < batchSize; b++) {
      for (let p = 0; p < prefix; p++) {
        for (let i = 0; i < width; i++) {
          result.push(weights[0]![p * width + i]! + (positions && p < first! ? positions[p * width + i]! : 0))
        }
      }
      for (let t = 0; t < tokens; t++) {
        for (let i = 0; i < width; i++) {
          result.push(x[(b * tokens + t) * width + i]! + (positions?.[(first! + t) * width + i] ?? 0))
        }
      }
    }
    return result
  }
}

await describeOnDevices('tokenSequence', () => {
  it.each<Sizes>([
    { batchSize: 2, tokens: 3, prefix: 1, first: 1, width: 5 },
    { batchSize: 2, tokens: 3, prefix: 3, first: 1, width: 4 },
    { batchSize: 3, tokens: 2, prefix: 2, first: 0, width: 3 },
    { batchSize: 2, tokens: 2, prefix: 0, first: 0, width: 4 },
    { batchSize: 2, tokens: 1, prefix: 2, first: null, width: 1 },
  ])('equals loops and finite differences: %o', async (sizes) => {
    await expectMatchesReference(kernelOf(sizes), referenceOf(sizes), { rtol: 1e-6, atol: 1e-6 })
  })

  it('fused equals its twin at awkward sizes, and has the same bits twice', async () => {
    for (const width of [1, 63, 64, 65]) {
      const sizes = { batchSize: 65, tokens: 7, prefix: 2, first: 1, width }
      await expectFusedMatchesTwin(kernelOf(sizes), { rtol: 1e-6, atol: 1e-5 })
    }
  }, 60_000)

  it('refuses batches and positions that do not fit', () => {
    const [x, prefix] = [tf.zeros<tf.Rank.R2>([6, 2]), tf.zeros<tf.Rank.R2>([1, 2])]
    const join = (batchSize: number, rows: number) => () =>
      tokenSequence({ x, batchSize, prefix, positions: tf.zeros([rows, 2]) })
    expect(join(4, 3)).toThrow(/batchSize must divide the 6 rows of x, got 4/)
    for (const rows of [2, 5]) expect(join(2, rows)).toThrow(/positions must have 3 to 4 rows, got/)
  })
})

import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../tests/helpers/kernels.ts'
import * as tf from '../backend/tfjs.ts'
import { noDropout } from './dropoutSites.ts'
import { loraDense, mergedLora } from './loraDense.ts'
import { patchTokens } from './patchTokens.ts'
import { poolTokens, type TokenPooling } from './poolTokens.ts'
import { sinusoidalGrid, sinusoidalTable } from './sinusoidal.ts'

const [batchSize, seqLen, embedDim] = [3, 4, 6]
const matrix = (rows: number, columns: number, name: string): tf.Tensor2D =>
  tf.tensor2d(normals(rows * columns, name), [rows, columns])

await describeOnDevices('layers for images', () => {
  const weights = new Map<string, tf.Tensor>()
  const pool = (x: tf.Tensor2D, pooling: TokenPooling, mask: tf.Tensor2D | null = null): tf.Tensor2D =>
    poolTokens(x, weights, { pooling, name: '', batchSize, numHeads: 2, mask, dropoutAt: noDropout })
  const tokens = (): tf.Tensor2D => matrix(batchSize * seqLen, embedDim, 'tokens')

  it('takes the first token of each sample, and gives it the gradient', async () => {
    const x = tokens()
    const values = await x.data()
    const firsts = Array.from({ length: batchSize * embedDim }, (_, i) => {
      return values[Math.floor(i / embedDim) * seqLen * embedDim + (i % embedDim)]!
    })
    expect([...(await pool(x, 'class-token').data())]).toEqual(firsts)
    const gradient = await tf
      .grad((y: tf.Tensor) => tf.sum(pool(y as tf.Tensor2D, 'class-token')))(x)
      .data()
    expect(
      [...gradient].map((value, i) => value === (Math.floor(i / embedDim) % seqLen === 0 ? 1 : 0)),
    ).not.toContain(false)
  })

  it('attends with a learned query to the tokens that count, in whatever order they come', async () => {
    weights.set('probe', matrix(1, embedDim, 'probe'))
    for (const part of ['q_attn', 'k_attn', 'v_attn', 'c_proj'])
      weights.set(`${part}.weight`, matrix(embedDim, embedDim, part))
    const x: tf.Tensor3D = tf.reshape(tokens(), [batchSize, seqLen, embedDim])
    const flat = (y: tf.Tensor): tf.Tensor2D => tf.reshape(y, [-1, embedDim])
    const pooled = await pool(flat(x), 'attention').data()
    const close = { rtol: 1e-5, atol: 1e-6 }
    expectClose(await pool(flat(tf.reverse(x, 1)), 'attention').data(), pooled, close)
    // With one token left, attention is the projection of its value.
    const mask = tf.tensor2d([0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0], [batchSize, seqLen], 'int32')
    const second = flat(tf.slice(x, [0, 1, 0], [batchSize, 1, embedDim]))
    const project = (y: tf.Tensor2D, part: string): tf.Tensor2D =>
      tf.matMul(y, weights.get(`${part}.weight`) as tf.Tensor2D)
    const expected = await project(project(second, 'v_attn'), 'c_proj').data()
    expectClose(await pool(flat(x), 'attention', mask).data(), expected, close)
  }, 120_000)

  it('puts class token and registers before the patches, registers without positions', async () => {
    const vit = new Map<string, tf.Tensor>([
      ['projection.weight', tf.zeros([4, 2])],
      ['projection.bias', tf.tensor1d([7, 8])],
      ['cls_token', tf.tensor2d([[1, 2]])],
      [
        'register_tokens',
        tf.tensor2d([
          [3, 4],
          [5, 6],
        ]),
      ],
    ])
    const images = tf.ones<tf.Rank.R4>([1, 2, 4, 1])
    const options = { name: '', patchSize: 2, hasClassToken: true, hasRegisters: true }
    const positions = tf.tensor2d([10, 10, 20, 20, 30, 30], [3, 2])
    const placed = await patchTokens(images, vit, { ...options, positions }).data()
    expect([...placed]).toEqual([11, 12, 3, 4, 5, 6, 27, 28, 37, 38])
    const plain = await patchTokens(images, vit, { ...options, hasRegisters: false, positions: null }).data()
    expect([...plain]).toEqual([1, 2, 7, 8, 7, 8])
  })

  it('gives the same with an adapter beside a layer and merged into it', async () => {
    const layer = new Map<string, tf.Tensor>([
      ['a.weight', matrix(5, 4, 'weight')],
      ['a.lora_A.weight', matrix(5, 2, 'down')],
      ['a.lora_B.weight', matrix(2, 4, 'up')],
    ])
    for (const isRankStabilised of [true, false]) {
      const options = { alpha: 3, isRankStabilised }
      const x = matrix(3, 5, 'x')
      const merged = await tf.matMul(x, mergedLora(layer, 'a', options)).data()
      expectClose(await loraDense(x, layer, 'a', options).data(), merged, { rtol: 1e-5, atol: 1e-6 })
    }
  })
})

it('codes columns in the first half of a grid’s positions and rows in the second', () => {
  const [rows, columns, dim] = [2, 3, 8]
  const grid = sinusoidalGrid(rows, columns, dim)
  const line = sinusoidalTable(3, dim / 2, { base: 10_000, firstPosition: 0, style: 'concatenated' })
  for (let place = 0; place < rows * columns; place++) {
    const at = (part: number): Float32Array => line.subarray(part * 4, part * 4 + 4)
    expect(grid.subarray(place * dim, place * dim + 4)).toEqual(at(place % columns))
    expect(grid.subarray(place * dim + 4, place * dim + 8)).toEqual(at(Math.floor(place / columns)))
  }
  expect(() => sinusoidalGrid(2, 2, 6)).toThrow(/embedDim must be a multiple of 4, got 6/)
})

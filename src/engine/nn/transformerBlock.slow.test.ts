import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../tests/helpers/kernels.ts'
import { plainBlock } from '../../../tests/helpers/plainBlock.ts'
import * as tf from '../backend/tfjs.ts'
import { dropoutMask } from '../kernels/dropout/dropoutMask.ts'
import { rotary } from '../kernels/attention/rotary.ts'
import { alibiSlopes } from '../kernels/attention/alibi.ts'
import { dropoutOf, dropoutSites, noDropout } from './dropoutSites.ts'
import { norm } from './norm.ts'
import { initsOf, type Initialization } from './initialization.ts'
import {
  blockParameters,
  dropPathRateAt,
  transformerBlock,
  type BlockOptions,
  type BlockShape,
} from './transformerBlock.ts'

const [batchSize, seqLen] = [2, 5]
const { embedDim, numHeads } = plainBlock
const headDim = embedDim / numHeads
const memoryDim = 6
const memoryLen = 3

const plainOptions: BlockOptions = {
  name: '',
  batchSize,
  isCausal: false,
  numHeads,
  norm: 'layer-norm',
  normEpsilon: 1e-5,
  activation: 'gelu-tanh',
  dropoutAt: noDropout,
}

function weightsOf(shape: BlockShape): Map<string, tf.Tensor> {
  const spread = { kind: 'normal', standardDeviation: 0.5 } as const
  return new Map(
    blockParameters('', shape, { matrix: spread, residual: spread }).map(({ name, shape: sizes }) => {
      const length = sizes.reduce((product, size) => product * size, 1)
      const data = normals(length, name).map((x) =>
        name.endsWith('.weight') && sizes.length === 1 ? 1 + 0.3 * x : 0.4 * x,
      )
      return [name, tf.tensor(data, [...sizes])]
    }),
  )
}

const rowsOf = (count: number, width: number, name: string): tf.Tensor2D =>
  tf.tensor2d(normals(batchSize * count * width, name), [batchSize * count, width])
const maskOf = (count: number): tf.Tensor2D =>
  tf.tensor2d(
    Int32Array.from({ length: batchSize * count }, (_, i) => (i === count - 1 || i === count ? 0 : 1)),
    [batchSize, count],
    'int32',
  )

/** Attention as the papers write it, head by head and query by query, on tfjs's plain operations. */
function slowAttention(
  rows: { q: tf.Tensor2D; k: tf.Tensor2D; v: tf.Tensor2D },
  options: {
    keyHeads: number
    sees: (batch: number, query: number, key: number) => boolean
    change?: (head: tf.Tensor2D, which: 'q' | 'k') => tf.Tensor2D
    hasAlibi?: boolean
  },
): tf.Tensor2D {
  const { keyHeads, sees, change = (head) => head, hasAlibi = false } = options
  const part = (x: tf.Tensor2D, batch: number, head: number): tf.Tensor2D => {
    const count = x.shape[0] / batchSize
    return tf.slice(x, [batch * count, head * headDim], [count, headDim])
  }
  const whole = Array.from({ length: batchSize }, (_, batch) => {
    const heads = Array.from({ length: numHeads }, (_, head) => {
      const keyHead = Math.floor(head / (numHeads / keyHeads))
      const q = change(part(rows.q, batch, head), 'q')
      const k = change(part(rows.k, batch, keyHead), 'k')
      const slope = hasAlibi ? alibiSlopes(numHeads)[head]! : 0
      const bias = tf.tensor2d(
        Array.from({ length: q.shape[0] }, (_, i) =>
          Array.from({ length: k.shape[0] }, (_, j) => (sees(batch, i, j) ? -slope * Math.abs(i - j) : -1e9)),
        ),
      )
      const scores = tf.add(tf.div(tf.matMul(q, k, false, true), Math.sqrt(headDim)), bias)
      return tf.matMul<tf.Tensor2D>(tf.softmax(scores), part(rows.v, batch, keyHead))
    })
    return tf.concat(heads, 1)
  })
  return tf.concat(whole, 0)
}

await describeOnDevices('transformer block', () => {
  const close = { rtol: 1e-4, atol: 2e-5 }
  const layer = (weights: Map<string, tf.Tensor>, x: tf.Tensor2D, name: string): tf.Tensor2D =>
    tf.add(tf.matMul(x, weights.get(`${name}.weight`) as tf.Tensor2D), weights.get(`${name}.bias`)!)
  const calm = (weights: Map<string, tf.Tensor>, x: tf.Tensor2D, name: string): tf.Tensor2D =>
    norm(x, weights, { name, kind: 'layer-norm', epsilon: 1e-5 })
  const fed = (weights: Map<string, tf.Tensor>, x: tf.Tensor2D): tf.Tensor2D =>
    layer(weights, tf.relu(layer(weights, x, 'mlp.c_fc')), 'mlp.c_proj')
  const parts = (packed: tf.Tensor2D, keyHeads: number) => {
    const [q, k, v] = tf.split(packed, [embedDim, keyHeads * headDim, keyHeads * headDim], 1) as tf.Tensor2D[]
    return { q: q!, k: k!, v: v! }
  }
  const turned =
    (style: 'half-split' | 'interleaved') =>
    (head: tf.Tensor2D): tf.Tensor2D => {
      const options = { base: 50, rotaryDim: headDim, style, firstPosition: 0 }
      return tf.reshape(rotary(tf.reshape(head, [1, ...head.shape]), options), head.shape)
    }

  it('normalises before its parts, with grouped heads, a causal and a key mask, and turned positions', async () => {
    const shape: BlockShape = { ...plainBlock, numKeyHeads: 2, activation: 'relu' }
    const weights = weightsOf(shape)
    const x = rowsOf(seqLen, embedDim, 'x')
    const mask = maskOf(seqLen)
    const real = await mask.data()
    for (const style of ['half-split', 'interleaved'] as const) {
      const options: BlockOptions = {
        ...plainOptions,
        numKeyHeads: 2,
        activation: 'relu',
        isCausal: true,
        keyMask: mask,
        rotary: { base: 50, style },
      }
      const mixed = slowAttention(parts(layer(weights, calm(weights, x, 'ln_1'), 'attn.c_attn'), 2), {
        keyHeads: 2,
        sees: (batch, i, j) => j <= i && real[batch * seqLen + j] === 1,
        change: turned(style),
      })
      const middle = tf.add<tf.Tensor2D>(x, layer(weights, mixed, 'attn.c_proj'))
      const expected = tf.add(middle, fed(weights, calm(weights, middle, 'ln_2')))
      const block = transformerBlock(x, weights, options)
      // The second sample's first query sees no key at all: the kernel gives 0 there, a plain softmax does not.
      const drop = (y: tf.Tensor): Promise<Float32Array> =>
        tf.concat([tf.slice(y, 0, seqLen), tf.slice(y, seqLen + 1)], 0).data<'float32'>()
      expectClose(await drop(block), await drop(expected), close, style)
    }
  })

  it('normalises after its parts, favours what is near, and attends to a memory with a mask', async () => {
    const shape: BlockShape = { ...plainBlock, activation: 'relu', memoryDim }
    const weights = weightsOf(shape)
    const x = rowsOf(seqLen, embedDim, 'x')
    const rows = rowsOf(memoryLen, memoryDim, 'memory')
    const keyMask = maskOf(memoryLen)
    const real = await keyMask.data()
    const block = transformerBlock(x, weights, {
      ...plainOptions,
      activation: 'relu',
      normPlace: 'post',
      hasAlibi: true,
      memory: { rows, keyMask },
    })
    const own = slowAttention(parts(layer(weights, x, 'attn.c_attn'), numHeads), {
      keyHeads: numHeads,
      sees: () => true,
      hasAlibi: true,
    })
    const first = calm(weights, tf.add(x, layer(weights, own, 'attn.c_proj')), 'ln_1')
    const across = slowAttention(
      {
        q: layer(weights, first, 'crossattention.q_attn'),
        k: layer(weights, rows, 'crossattention.k_attn'),
        v: layer(weights, rows, 'crossattention.v_attn'),
      },
      { keyHeads: numHeads, sees: (batch, _, j) => real[batch * memoryLen + j] === 1 },
    )
    const second = calm(
      weights,
      tf.add(first, layer(weights, across, 'crossattention.c_proj')),
      'ln_cross_attn',
    )
    const expected = calm(weights, tf.add(second, fed(weights, second)), 'ln_2')
    expectClose(await block.data(), await expected.data(), close)
  })

  it('normalises each head’s queries and keys', async () => {
    for (const kind of ['layer-norm', 'rms-norm'] as const) {
      const shape: BlockShape = { ...plainBlock, hasHeadNorm: true, activation: 'relu', norm: kind }
      const weights = weightsOf(shape)
      const x = rowsOf(seqLen, embedDim, 'x')
      const headNorm = { kind, epsilon: 1e-5 }
      const normOf = (y: tf.Tensor2D, name: string): tf.Tensor2D => norm(y, weights, { name, ...headNorm })
      const block = transformerBlock(x, weights, {
        ...plainOptions,
        norm: kind,
        activation: 'relu',
        headNorm,
        rotary: { base: 50, style: 'half-split' },
      })
      const mixed = slowAttention(parts(layer(weights, normOf(x, 'ln_1'), 'attn.c_attn'), numHeads), {
        keyHeads: numHeads,
        sees: () => true,
        change: (head, which) => turned('half-split')(normOf(head, `attn.${which}_norm`)),
      })
      const middle = tf.add<tf.Tensor2D>(x, layer(weights, mixed, 'attn.c_proj'))
      const expected = tf.add(middle, fed(weights, normOf(middle, 'ln_2')))
      expectClose(await block.data(), await expected.data(), close, kind)
    }
  })

  it('leaves parts out sample by sample, and scales those that stay', async () => {
    const weights = weightsOf(plainBlock)
    // Biases of the last layers alone: each part adds the same to every row.
    const zeros = (name: string) => weights.set(name, tf.zerosLike(weights.get(name)!))
    zeros('attn.c_proj.weight')
    zeros('mlp.c_proj.weight')
    const x = rowsOf(seqLen, embedDim, 'x')
    const drawAt = dropoutSites({ seed: 7, step: 3, microBatch: 0, counter: null })
    const seen = new Set<string>()
    for (const normPlace of ['pre', 'post'] as const) {
      const options: BlockOptions = { ...plainOptions, normPlace, dropPathAt: dropoutOf(drawAt, 0.5) }
      const y = transformerBlock(x, weights, options)
      const expected = Array.from({ length: batchSize }, (_, batch) => {
        let rows = tf.slice(x, [batch * seqLen, 0], [seqLen, embedDim])
        for (const [place, part, normName] of [
          ['ln_1', 'attn', 'ln_1'],
          ['ln_2', 'mlp', 'ln_2'],
        ] as const) {
          // Sample b has the factor that dropout gives to number b: see `dropPath`.
          const draw = drawAt(`${place}.path`, 0.5)!
          const factor = dropoutMask(batchSize, draw)[batch]!
          seen.add(`${factor}`)
          rows = tf.add(rows, tf.mul(weights.get(`${part}.c_proj.bias`)!, factor))
          if (normPlace === 'post') rows = calm(weights, rows, normName)
        }
        return rows
      })
      expectClose(await y.data(), await tf.concat(expected, 0).data(), close, normPlace)
    }
    expect([...seen].sort()).toEqual(['0', '2'])
  })
})

it('leaves out more the deeper a block lies', () => {
  expect([0, 1, 2].map((layer) => dropPathRateAt(0.2, layer, 3))).toEqual([0, 0.1, 0.2])
  expect(dropPathRateAt(0.2, 0, 1)).toBe(0.2)
})

it('starts what adds to the stream smaller with depth where it is told to, and the same as the rest elsewhere', () => {
  const initOf = (initialization: Initialization, name: string) =>
    blockParameters('', { ...plainBlock, memoryDim }, initsOf(initialization, 12)).find(
      (spec) => spec.name === `${name}.weight`,
    )!.init
  const normal = (standardDeviation: number) => ({ kind: 'normal', standardDeviation })
  expect(initOf('scaled-normal', 'mlp.c_fc')).toEqual(normal(0.02))
  for (const part of ['attn', 'crossattention', 'mlp'])
    expect(initOf('scaled-normal', `${part}.c_proj`)).toEqual(normal(0.02 / Math.sqrt(12)))
  expect(initOf('normal', 'mlp.c_proj')).toEqual(normal(0.02))
  expect(initOf('kaiming-normal', 'crossattention.q_attn')).toEqual({ kind: 'kaiming-normal' })
  expect(initOf('xavier-uniform', 'mlp.c_proj')).toEqual({ kind: 'xavier-uniform' })
})

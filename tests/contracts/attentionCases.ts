import * as tf from '../../src/engine/backend/tfjs.ts'
import { meanWeights } from '../../src/engine/nn/attentionWeights.ts'
import { crossAttention, type CrossAttentionOptions } from '../../src/engine/nn/crossAttention.ts'
import { dropoutOf, noDropout } from '../../src/engine/nn/dropoutSites.ts'
import { poolParameters, poolTokens, type TokenPooling } from '../../src/engine/nn/poolTokens.ts'
import { zeroInit } from '../../src/engine/nn/initialization.ts'
import { recomputedLayer } from '../../src/engine/nn/recomputedLayer.ts'
import { selfAttention, type AttentionOptions } from '../../src/engine/nn/selfAttention.ts'
import { transformerBlock, type BlockOptions, type BlockShape } from '../../src/engine/nn/transformerBlock.ts'
import type { LayerCase } from '../helpers/layerCase.ts'
import {
  embedDim,
  maskOf,
  memoryDim,
  memoryLen,
  numHeads,
  seqLen,
  tokens,
  weightsNamed,
} from './layerSizes.ts'

const x = tokens(seqLen, embedDim)
const mask = maskOf(seqLen)

interface SelfAttentionCase extends Partial<Omit<AttentionOptions, 'name' | 'keyMask'>> {
  readonly isMasked?: boolean
  readonly rate?: number
}

const halfSplit = { base: 50, style: 'half-split' } as const
const headNormOf = (kind: 'layer-norm' | 'rms-norm') => ({ kind, epsilon: 1e-5 })
const selfAttentions: Readonly<Record<string, SelfAttentionCase>> = {
  'every head with keys of its own': {},
  'causal, grouped heads, halves turned, keys missing': {
    isCausal: true,
    numKeyHeads: 2,
    rotary: halfSplit,
    isMasked: true,
  },
  'one head of keys, pairs turned': { numKeyHeads: 1, rotary: { base: 50, style: 'interleaved' } },
  'causal, scores that fall with distance': { isCausal: true, hasAlibi: true },
  'scores that fall with distance both ways': { hasAlibi: true },
  'centred heads, turned': { headNorm: headNormOf('layer-norm'), rotary: halfSplit },
  'heads brought to one length': { headNorm: headNormOf('rms-norm') },
  'dropout of weights and units': { rate: 0.3 },
}
const selfAttentionCases = Object.entries(selfAttentions).map(
  ([options, { isMasked = false, rate = 0, ...own }]): LayerCase => ({
    layer: 'selfAttention',
    options,
    inputs: { x, ...(isMasked && { mask }) },
    weights: weightsNamed('attn.', {
      numKeyHeads: own.numKeyHeads ?? numHeads,
      hasHeadNorm: own.headNorm !== undefined,
      norm: own.headNorm?.kind ?? 'layer-norm',
    }),
    isDrawn: rate > 0,
    isOnGpu: isMasked,
    run: ({ rows, weights, batchSize, drawAt }) =>
      selfAttention(rows('x'), weights, {
        isCausal: false,
        ...own,
        name: 'attn.',
        batchSize,
        numHeads,
        keyMask: isMasked ? rows('mask') : null,
        dropoutAt: dropoutOf(drawAt, rate),
      }),
  }),
)

interface CrossAttentionCase extends Pick<CrossAttentionOptions, 'numKeyHeads'> {
  readonly isMasked?: boolean
  readonly isLookedAt?: boolean
  readonly rate?: number
}

const crossAttentions: Readonly<Record<string, CrossAttentionCase>> = {
  'every head with keys of its own': {},
  'grouped heads, keys missing': { numKeyHeads: 2, isMasked: true },
  'one head of keys, dropout': { numKeyHeads: 1, rate: 0.3 },
  'its weights looked at': { isLookedAt: true },
}
const memory = tokens(memoryLen, memoryDim)
const crossAttentionCases = Object.entries(crossAttentions).map(
  ([options, { isMasked = false, isLookedAt = false, rate = 0, numKeyHeads = numHeads }]): LayerCase => ({
    layer: 'crossAttention',
    options,
    inputs: { x, memory, ...(isMasked && { mask: maskOf(memoryLen) }) },
    weights: weightsNamed('crossattention.', { memoryDim, numKeyHeads }),
    isDrawn: rate > 0,
    run({ rows, weights, batchSize, drawAt }) {
      const seen: tf.Tensor[] = []
      const mixed = crossAttention(rows('x'), rows('memory'), weights, {
        name: 'crossattention.',
        batchSize,
        numHeads,
        numKeyHeads,
        keyMask: isMasked ? rows('mask') : null,
        dropoutAt: dropoutOf(drawAt, rate),
        residual: isMasked ? rows('x') : null,
        ...(isLookedAt && { onWeights: (shares: tf.Tensor3D) => void seen.push(shares) }),
      })
      // [B, Tq, Tk] beside [B*Tq, D]
      return tf.concat([mixed, ...seen.map((shares) => tf.reshape(shares, [-1, memoryLen]))], 1)
    },
  }),
)

const keyHeads = 2
const keyWidth = (2 * keyHeads * embedDim) / numHeads
const weightCases = [true, false].map((isMasked): LayerCase => ({
  layer: 'attentionWeights',
  options: isMasked ? 'keys missing' : 'all keys',
  inputs: { q: x, kv: tokens(memoryLen, keyWidth), mask: maskOf(memoryLen) },
  weights: [],
  run: ({ rows, batchSize }) =>
    meanWeights(
      { q: rows('q'), kv: rows('kv') },
      { batchSize, numHeads, numKeyHeads: keyHeads, keyMask: isMasked ? rows('mask') : null },
    ),
}))

const poolings: Readonly<Record<TokenPooling, true>> = {
  'class-token': true,
  'last-token': true,
  mean: true,
  attention: true,
}
const poolCases = (Object.keys(poolings) as TokenPooling[]).flatMap((pooling) =>
  [true, false].map((isMasked): LayerCase => ({
    layer: 'poolTokens',
    options: isMasked ? `${pooling}, tokens missing` : pooling,
    inputs: { x, mask },
    weights:
      pooling === 'attention' ? poolParameters('', embedDim, { init: zeroInit, hasBias: isMasked }) : [],
    run: ({ rows, weights, batchSize }) =>
      poolTokens(rows('x'), weights, {
        pooling,
        name: '',
        batchSize,
        numHeads: 2,
        mask: isMasked ? rows('mask') : null,
        dropoutAt: noDropout,
      }),
  })),
)

interface BlockCase {
  readonly shape: Partial<BlockShape>
  readonly options?: Partial<BlockOptions>
  readonly rates?: { readonly units?: number; readonly paths?: number }
}

const blocks: Readonly<Record<string, BlockCase>> = {
  'normalised before its parts': { shape: {} },
  'normalised after its parts': { shape: {}, options: { normPlace: 'post' } },
  'RMSNorm before, grouped heads, swiglu, no biases': {
    shape: { norm: 'rms-norm', numKeyHeads: 2, activation: 'swiglu', hasBias: false },
    options: { rotary: halfSplit, isCausal: true },
  },
  'RMSNorm after, with a memory': {
    shape: { norm: 'rms-norm', memoryDim, activation: 'silu' },
    options: { normPlace: 'post', hasAlibi: true },
  },
  'a memory, normalised heads': {
    shape: { memoryDim, hasHeadNorm: true },
    options: { headNorm: headNormOf('layer-norm') },
  },
  'dropout of units': { shape: {}, rates: { units: 0.3 } },
  'parts left out, normalised before': { shape: { memoryDim }, rates: { paths: 0.4 } },
  'parts left out, normalised after': {
    shape: {},
    options: { normPlace: 'post' },
    rates: { paths: 0.4, units: 0.2 },
  },
}
const blockCases = Object.entries(blocks).map(([options, { shape, options: own, rates = {} }]): LayerCase => {
  const hasMemory = shape.memoryDim !== undefined
  return {
    layer: 'transformerBlock',
    options,
    inputs: { x, ...(hasMemory && { memory, mask: maskOf(memoryLen) }) },
    weights: weightsNamed('', shape),
    isDrawn: Object.keys(rates).length > 0,
    isOnGpu: hasMemory && rates.paths !== undefined,
    run: ({ rows, weights, batchSize, drawAt }) =>
      transformerBlock(rows('x'), weights, {
        name: '',
        batchSize,
        numHeads,
        numKeyHeads: shape.numKeyHeads ?? numHeads,
        isCausal: false,
        norm: shape.norm ?? 'layer-norm',
        normEpsilon: 1e-5,
        activation: shape.activation ?? 'gelu-tanh',
        memory: hasMemory ? { rows: rows('memory'), keyMask: rows('mask') } : null,
        ...own,
        dropoutAt: dropoutOf(drawAt, rates.units ?? 0),
        dropPathAt: dropoutOf(drawAt, rates.paths ?? 0),
      }),
  }
})

/** Blocks that are computed twice: what is dropped must be the same both times. */
const recomputedCases = ['dropout of units', 'parts left out, normalised before'].map(
  (options): LayerCase => {
    const block = blockCases.find((candidate) => candidate.options === options)!
    const names = block.weights.map(({ name }) => name)
    const inputs = Object.keys(block.inputs).filter((name) => block.inputs[name]!.whole === undefined)
    return {
      ...block,
      layer: 'recomputedLayer',
      options: `a block, ${options}`,
      isOnGpu: false,
      run(pass) {
        const given = inputs.map((name) => pass.rows(name))
        return recomputedLayer(given, pass.weights, names, (again, weights) => {
          const rows = (name: string) => again[inputs.indexOf(name)] ?? pass.rows(name)
          return block.run({ ...pass, weights, rows }) as tf.Tensor2D
        })
      },
    }
  },
)

export const attentionCases: readonly LayerCase[] = [
  ...selfAttentionCases,
  ...crossAttentionCases,
  ...weightCases,
  ...poolCases,
  ...blockCases,
  ...recomputedCases,
]

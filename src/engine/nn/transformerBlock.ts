import type { StoredType } from '../backend/storedType.ts'
import type { Tensor2D, Tensor3D } from '../backend/tfjs.ts'
import { dropPath } from '../kernels/dropout/dropPath.ts'
import { crossAttention } from './crossAttention.ts'
import type { DropoutAt } from './dropoutSites.ts'
import { feedForward, type FeedForwardKind } from './feedForward.ts'
import { oneInit, zeroInit } from './initialization.ts'
import { forkNorm, norm, type NormKind } from './norm.ts'
import type { Init, ParameterSpec, Weights } from './parameter.ts'
import { selfAttention, type AttentionOptions } from './selfAttention.ts'

/** What decides a block's weights. */
export interface BlockShape {
  readonly embedDim: number
  /** Width of the feed-forward layer. */
  readonly hiddenDim: number
  readonly numHeads: number
  readonly numKeyHeads: number
  readonly norm: NormKind
  readonly activation: FeedForwardKind
  readonly hasBias: boolean
  /** Queries and keys are normalised. */
  readonly hasHeadNorm: boolean
  /** Width of what it attends to besides itself; null where there is nothing. */
  readonly memoryDim: number | null
}

/** What a block attends to besides its own rows. */
export interface BlockMemory {
  /** [B*Tm, M]; null where the cache has its keys and values */
  readonly rows: Tensor2D | null
  /** int32 [B, Tm], 1 for rows that are there; null for all. */
  readonly keyMask: Tensor2D | null
  /** See `crossAttention`. */
  readonly onWeights?: (weights: Tensor3D) => void
}

export interface BlockOptions extends AttentionOptions {
  readonly norm: NormKind
  readonly normEpsilon: number
  /** Before each part, as GPT-2 (the default), or after its sum with the residual, as Vaswani et al. 2017 and BERT. */
  readonly normPlace?: 'pre' | 'post'
  readonly activation: FeedForwardKind
  /**
   * How all but the residual stream is stored, in parts that can; f32 by default. What lies after a norm of the stream
   * itself, in a part that some samples leave out, that attends to a memory, or to normalised heads, is f32.
   */
  readonly stored?: StoredType
  /** Attended to between self-attention and feed-forward, as a decoder does. */
  readonly memory?: BlockMemory | null
  /** Stochastic depth (Huang et al. 2016): which samples leave a part out. */
  readonly dropPathAt?: DropoutAt
}

interface Part {
  readonly normName: string
  /** What it makes of its input, with the residual added where there is one. */
  readonly run: (input: Tensor2D, residual: Tensor2D | null) => Tensor2D
  /** Takes f32 only. */
  readonly isFull: boolean
}

/**
 * A transformer block: x + attn(ln_1(x)), then x + crossattention(ln_cross_attn(x), memory) where there is one, then
 * x + mlp(ln_2(x)); or with each norm after its sum. x [B*T, D]: [B*T, D]. `options.name` is the prefix of all its
 * weights, with its dot, or empty.
 */
export function transformerBlock(x: Tensor2D, weights: Weights, options: BlockOptions): Tensor2D {
  return partsOf(weights, options).reduce((stream, part) => addPart(stream, weights, options, part), x)
}

function partsOf(weights: Weights, options: BlockOptions): Part[] {
  const { name, activation, dropoutAt, memory = null, headNorm = null, ...attending } = options
  const { batchSize, numHeads, numKeyHeads, weightsDropoutAt, cache = null } = attending
  const parts: Part[] = [
    {
      normName: 'ln_1',
      isFull: headNorm !== null,
      run: (input, residual) => selfAttention(input, weights, { ...options, name: `${name}attn.`, residual }),
    },
  ]
  if (memory !== null) {
    const sizes = { batchSize, numHeads, ...(numKeyHeads !== undefined && { numKeyHeads }) }
    const dropouts = { dropoutAt, ...(weightsDropoutAt && { weightsDropoutAt }) }
    const { keyMask, onWeights } = memory
    const seen = onWeights && { onWeights }
    const own = { name: `${name}crossattention.`, ...sizes, ...dropouts, keyMask, cache, ...seen }
    parts.push({
      normName: 'ln_cross_attn',
      isFull: true,
      run: (input, residual) => crossAttention(input, memory.rows, weights, { ...own, residual }),
    })
  }
  parts.push({
    normName: 'ln_2',
    isFull: false,
    run: (input, residual) =>
      feedForward(input, weights, { name: `${name}mlp.`, activation, dropoutAt, residual }),
  })
  return parts
}

function addPart(x: Tensor2D, weights: Weights, options: BlockOptions, part: Part): Tensor2D {
  const { name, batchSize, normPlace = 'pre', stored = 'f32' } = options
  const { normName, run, isFull } = part
  const draw = options.dropPathAt?.(`${name}${normName}.path`) ?? null
  const sum = (input: Tensor2D, residual: Tensor2D): Tensor2D =>
    draw === null ? run(input, residual) : dropPath({ x: run(input, null), residual, batchSize }, draw)
  const normOptions = { name: `${name}${normName}`, kind: options.norm, epsilon: options.normEpsilon }
  if (normPlace === 'post') return norm(sum(x, x), weights, normOptions)
  const isHalf = stored === 'f16' && !isFull && draw === null
  const [residual, calm] = forkNorm(x, weights, { ...normOptions, stored: isHalf ? 'f16' : 'f32' })
  return sum(calm, residual)
}

/**
 * Stochastic depth of one of `numLayers` blocks: from 0 at the first, linearly to `rate` at the last, as DeiT (Touvron et
 * al. 2021). With one block it is `rate`.
 */
export function dropPathRateAt(rate: number, layer: number, numLayers: number): number {
  return numLayers === 1 ? rate : (rate * layer) / (numLayers - 1)
}

/** First values of a block's weights: `residual` of the matrices whose results are added to the stream. */
export interface BlockInits {
  readonly matrix: Init
  readonly residual: Init
}

/** A gain of ones and, for LayerNorm with biases, a bias of zeros. */
export function normParameters(
  name: string,
  width: number,
  { norm: kind, hasBias }: Pick<BlockShape, 'norm' | 'hasBias'>,
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [width], kind: 'vector', init: oneInit },
    ...(hasBias && kind === 'layer-norm' ? [biasOf(name, width)] : []),
  ]
}

function biasOf(name: string, width: number): ParameterSpec {
  return { name: `${name}.bias`, shape: [width], kind: 'vector', init: zeroInit }
}

/** A matrix [from, to] and, unless there are no biases, a bias [to]. */
export function denseParameters(
  name: string,
  [from, to]: readonly [from: number, to: number],
  { init, hasBias }: { init: Init; hasBias: boolean },
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [from, to], kind: 'matrix', init },
    ...(hasBias ? [biasOf(name, to)] : []),
  ]
}

/** Every weight of {@link transformerBlock}, in the order in which they are used. */
export function blockParameters(prefix: string, shape: BlockShape, inits: BlockInits): ParameterSpec[] {
  const { embedDim, hiddenDim, numHeads, numKeyHeads, hasBias, hasHeadNorm, memoryDim, activation } = shape
  const headDim = embedDim / numHeads
  const keyDim = numKeyHeads * headDim
  const dense = (name: string, from: number, to: number, init: Init = inits.matrix) =>
    denseParameters(`${prefix}${name}`, [from, to], { init, hasBias })
  const normOf = (name: string, width: number) => normParameters(`${prefix}${name}`, width, shape)
  return [
    ...normOf('ln_1', embedDim),
    ...dense('attn.c_attn', embedDim, embedDim + 2 * keyDim), // q | k | v
    ...(hasHeadNorm ? ['q_norm', 'k_norm'].flatMap((name) => normOf(`attn.${name}`, headDim)) : []),
    ...dense('attn.c_proj', embedDim, embedDim, inits.residual),
    ...(memoryDim === null
      ? []
      : [
          ...normOf('ln_cross_attn', embedDim),
          ...dense('crossattention.q_attn', embedDim, embedDim),
          ...dense('crossattention.k_attn', memoryDim, keyDim),
          ...dense('crossattention.v_attn', memoryDim, keyDim),
          ...dense('crossattention.c_proj', embedDim, embedDim, inits.residual),
        ]),
    ...normOf('ln_2', embedDim),
    ...(activation === 'swiglu' ? dense('mlp.c_gate', embedDim, hiddenDim) : []),
    ...dense('mlp.c_fc', embedDim, hiddenDim),
    ...dense('mlp.c_proj', hiddenDim, embedDim, inits.residual),
  ]
}

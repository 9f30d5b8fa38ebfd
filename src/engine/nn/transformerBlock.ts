import type { StoredType } from '../backend/storedType.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { dropPath } from '../kernels/dropout/dropPath.ts'
import { crossAttention } from './crossAttention.ts'
import type { DropoutAt } from './dropoutSites.ts'
import { feedForward, type FeedForwardKind } from './feedForward.ts'
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

export interface BlockOptions extends AttentionOptions {
  readonly norm: NormKind
  readonly normEpsilon: number
  /** Before each part, as GPT-2 (the default), or after its sum with the residual, as Vaswani et al. 2017 and BERT. */
  readonly normPlace?: 'pre' | 'post'
  readonly activation: FeedForwardKind
  /** How all but the residual stream is stored; f32 by default. */
  readonly stored?: StoredType
  /** Attended to between self-attention and feed-forward, as a decoder does: rows [B*Tm, M]. */
  readonly memory?: { readonly rows: Tensor2D; readonly keyMask: Tensor2D | null } | null
  /** Stochastic depth (Huang et al. 2016): which samples leave a part out. */
  readonly dropPathAt?: DropoutAt
}

/** A part of a block: what it makes of its input, with the residual added where there is one. */
type Part = (input: Tensor2D, residual: Tensor2D | null) => Tensor2D

/**
 * A transformer block: x + attn(ln_1(x)), then x + crossattention(ln_cross_attn(x), memory) where there is one, then
 * x + mlp(ln_2(x)); or with each norm after its sum. x [B*T, D]: [B*T, D]. `options.name` is the prefix of all its
 * weights, with its dot, or empty.
 */
export function transformerBlock(x: Tensor2D, weights: Weights, options: BlockOptions): Tensor2D {
  const { name, batchSize, numHeads, activation, dropoutAt, memory = null } = options
  const parts: [norm: string, part: Part][] = [
    [
      'ln_1',
      (input, residual) => selfAttention(input, weights, { ...options, name: `${name}attn.`, residual }),
    ],
  ]
  if (memory !== null) {
    const { rows, keyMask } = memory
    const own = { name: `${name}crossattention.`, batchSize, numHeads, keyMask, dropoutAt }
    parts.push([
      'ln_cross_attn',
      (input, residual) => crossAttention(input, rows, weights, { ...own, residual }),
    ])
  }
  parts.push([
    'ln_2',
    (input, residual) =>
      feedForward(input, weights, { name: `${name}mlp.`, activation, dropoutAt, residual }),
  ])
  return parts.reduce(
    (stream, [normName, part]) => addPart(stream, weights, { ...options, normName, part }),
    x,
  )
}

function addPart(
  x: Tensor2D,
  weights: Weights,
  { normName, part, ...options }: BlockOptions & { normName: string; part: Part },
): Tensor2D {
  const { name, batchSize, normPlace = 'pre', stored = 'f32' } = options
  const draw = options.dropPathAt?.(`${name}${normName}.path`) ?? null
  const sum = (input: Tensor2D, residual: Tensor2D): Tensor2D =>
    draw === null ? part(input, residual) : dropPath({ x: part(input, null), residual, batchSize }, draw)
  const normOptions = { name: `${name}${normName}`, kind: options.norm, epsilon: options.normEpsilon }
  if (normPlace === 'post') return norm(sum(x, x), weights, normOptions)
  const [residual, calm] = forkNorm(x, weights, { ...normOptions, stored })
  return sum(calm, residual)
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
    { name: `${name}.weight`, shape: [width], kind: 'vector', init: { kind: 'constant', value: 1 } },
    ...(hasBias && kind === 'layer-norm' ? [biasOf(name, width)] : []),
  ]
}

function biasOf(name: string, width: number): ParameterSpec {
  return { name: `${name}.bias`, shape: [width], kind: 'vector', init: { kind: 'constant', value: 0 } }
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
  const dense = (name: string, from: number, to: number, init: Init = inits.matrix) =>
    denseParameters(`${prefix}${name}`, [from, to], { init, hasBias })
  const normOf = (name: string, width: number) => normParameters(`${prefix}${name}`, width, shape)
  return [
    ...normOf('ln_1', embedDim),
    ...dense('attn.c_attn', embedDim, (numHeads + 2 * numKeyHeads) * headDim), // q | k | v
    ...(hasHeadNorm ? ['q_norm', 'k_norm'].flatMap((name) => normOf(`attn.${name}`, headDim)) : []),
    ...dense('attn.c_proj', embedDim, embedDim, inits.residual),
    ...(memoryDim === null
      ? []
      : [
          ...normOf('ln_cross_attn', embedDim),
          ...dense('crossattention.q_attn', embedDim, embedDim),
          ...dense('crossattention.k_attn', memoryDim, embedDim),
          ...dense('crossattention.v_attn', memoryDim, embedDim),
          ...dense('crossattention.c_proj', embedDim, embedDim, inits.residual),
        ]),
    ...normOf('ln_2', embedDim),
    ...(activation === 'swiglu' ? dense('mlp.c_gate', embedDim, hiddenDim) : []),
    ...dense('mlp.c_fc', embedDim, hiddenDim),
    ...dense('mlp.c_proj', hiddenDim, embedDim, inits.residual),
  ]
}

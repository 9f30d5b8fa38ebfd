import type { StoredType } from '../backend/storedType.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { feedForward, type FeedForwardKind } from './feedForward.ts'
import { forkNorm, type NormKind } from './norm.ts'
import type { Weights } from './parameter.ts'
import { selfAttention, type AttentionOptions } from './selfAttention.ts'

export interface BlockOptions extends AttentionOptions {
  readonly norm: NormKind
  readonly normEpsilon: number
  readonly activation: FeedForwardKind
  /** How all but the residual stream is stored; f32 by default. */
  readonly stored?: StoredType
}

/**
 * A transformer block that normalises before each part, as GPT-2: x + attn(ln_1(x)), then x + mlp(ln_2(x)).
 * x [B*T, D]: [B*T, D]. `options.name` is the prefix of all its weights, with its dot, or empty.
 */
export function preNormBlock(x: Tensor2D, weights: Weights, options: BlockOptions): Tensor2D {
  const { name, activation, dropoutAt } = options
  const fork = (input: Tensor2D, part: string) =>
    forkNorm(input, weights, {
      name: `${name}${part}`,
      kind: options.norm,
      epsilon: options.normEpsilon,
      stored: options.stored ?? 'f32',
    })
  const [residual, calm] = fork(x, 'ln_1')
  const attended = selfAttention(calm, weights, { ...options, name: `${name}attn.`, residual })
  const [middle, calmMiddle] = fork(attended, 'ln_2')
  return feedForward(calmMiddle, weights, {
    name: `${name}mlp.`,
    activation,
    dropoutAt,
    residual: middle,
  })
}

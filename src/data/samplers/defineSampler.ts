import type { CatalogEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { TokenArray } from '../../core/prepared.ts'

export interface SampleRequest {
  readonly batchSize: number
  /** Updates done before this one, over all stages. */
  readonly step: number
  /** Which batch of the update, below `accumulationSteps`. */
  readonly microStep: number
  readonly accumulationSteps: number
  readonly seed: number
}

export interface WindowRequest extends SampleRequest {
  /** Tokens of the text, at least `seqLen + 1`. */
  readonly length: number
  readonly seqLen: number
}

export interface BatchRequest extends Omit<WindowRequest, 'length'> {
  readonly tokens: TokenArray
  /**
   * Of the windows of `seqLen` tokens that the text has one after the other, those that may be drawn; null, or left out, for
   * windows that begin anywhere.
   */
  readonly windows?: Int32Array | null
}

/** What samplers of items know of them. */
export interface ItemSource {
  readonly count: number
  /** Class of each item; null where there are none. */
  readonly labels: Int32Array | null
  /** Tokens of each item, of the longest of its texts; null where there are none. */
  readonly lengths: Int32Array | null
  /** Its text as tokens, [N, L] with -1 after the end of each, and which texts are equal; null where there are none. */
  readonly texts: { readonly rows: Int32Array; readonly ids: Int32Array } | null
  /** [N, K]: items that the model takes for alike, -1 after the last; null, or left out, where it was not asked yet. */
  readonly neighbours?: Int32Array | null
}

export interface ItemRequest extends SampleRequest, ItemSource {}

export interface TokenBatch {
  /** [B, T] */
  readonly inputs: Int32Array
  /** [B, T]: the token after each input. */
  readonly targets: Int32Array
}

/**
 * Where each of the `batchSize` windows of a batch starts, or which items it has: a pure function of the request, so that a
 * run that is resumed at a step draws what it would have drawn.
 */
type SamplerParts<P> = CatalogEntry &
  Ordered & { readonly id: string } & (
    | {
        readonly of: 'windows'
        starts(request: WindowRequest, params: P): Float64Array
      }
    | {
        readonly of: 'items'
        /** Its batches are cut to what their items need, in steps, rather than to what the longest of all needs. */
        readonly isCut?: boolean
        /** `count` is at least 1. */
        items(request: ItemRequest, params: P): Int32Array
      }
  )

export type SamplerKind = SamplerParts<Record<string, ConfigValue>>

export function defineSampler<const F extends Fields>(
  kind: SamplerParts<InferFields<F>> & { readonly fields: F },
): SamplerKind {
  return kind as unknown as SamplerKind // params were parsed by the same fields
}

/** Throws `split-too-short` when not even one window of `seqLen` inputs and their targets fits. */
export function requireWindow(tokens: TokenArray, seqLen: number, part: 'train' | 'validation'): void {
  if (tokens.length >= seqLen + 1) return
  const longest = tokens.length - 1
  const shorten = longest >= 1 ? `, or lower the sequence length to at most ${longest}` : ''
  const grow =
    part === 'validation'
      ? 'Raise the validation part, choose a longer text'
      : 'Choose a longer text, lower the validation part'
  throw new DataError(
    `Data: the ${part} part must hold at least sequence length + 1 = ${seqLen + 1} tokens, got ${tokens.length}`,
    {
      code: 'split-too-short',
      remedy: `${grow}${shorten}.`,
      details: { part, tokens: tokens.length, seqLen },
    },
  )
}

/** Copies windows of `seqLen` tokens and their successors into one batch. */
export function windowBatch(tokens: TokenArray, starts: ArrayLike<number>, seqLen: number): TokenBatch {
  const inputs = new Int32Array(starts.length * seqLen)
  const targets = new Int32Array(starts.length * seqLen)
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row]!
    inputs.set(tokens.subarray(start, start + seqLen), row * seqLen)
    targets.set(tokens.subarray(start + 1, start + 1 + seqLen), row * seqLen)
  }
  return { inputs, targets }
}

import type { CatalogEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import { showValue } from '../../core/showValue.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { TokenArray } from '../../core/prepared.ts'

/** A tokenizer that is ready: pure functions over its state. */
export interface Tokenizer {
  readonly vocabSize: number
  /** The token that stands for what is not known; null where there is none. */
  readonly unknownId: number | null
  /** Never throws: characters that it does not know become the unknown token, or are left out where there is none. */
  encode(text: string): TokenArray
  /** Never throws: ids that there are not read as U+FFFD. */
  decode(ids: ArrayLike<number>): string
  /**
   * Where each token of `encode(text)` ends in `text`, in UTF-16 units, never falling. A token that ends inside a
   * character repeats the end before it, so that the character belongs to its last token.
   */
  tokenEnds(text: string): number[]
  /** The distinct characters of `text` that `encode` cannot represent, in order of appearance. */
  unknownIn(text: string): string[]
  /**
   * Where `text` can be cut last, so that the tokens of its beginning are the same whatever follows, and those of the rest
   * whatever went before. See `settling`.
   */
  settledLength(text: string): number
}

/** What learning a vocabulary tells, and what ends it. */
export interface LearningHooks {
  readonly signal?: AbortSignal | undefined
  /** Share that is done after the text was read. */
  onProgress?: ((share: number) => void) | undefined
  /** Tokens of their own, which have the first ids; only for a kind that has `hasSpecial`. */
  readonly special?: readonly string[] | undefined
}

interface TokenizerParts<P> extends CatalogEntry, Ordered {
  readonly id: string
  /** Raised whenever the same text would give other tokens: stored arrays are made anew. */
  readonly version: number
  /**
   * `all` where the held-out text must be known too, as each of its characters is; `training` where what it is measured by
   * would else be learned from it.
   */
  readonly learnsFrom: 'all' | 'training'
  /** Whether a user may add tokens of their own to what is learned. */
  readonly hasSpecial?: true
  /**
   * Learns a vocabulary. Returns plain JSON that does not depend on how the text is cut into pieces. Throws `cancelled`.
   */
  train(pieces: AsyncIterable<string>, params: P, hooks?: LearningHooks): Promise<unknown>
  /** Throws `bad-tokenizer` for a state that `train` cannot have returned: it may come from a file. */
  create(state: unknown): Tokenizer
}

export type TokenizerKind = TokenizerParts<Record<string, ConfigValue>>

export function defineTokenizer<const F extends Fields>(
  kind: TokenizerParts<InferFields<F>> & { readonly fields: F },
): TokenizerKind {
  return kind as unknown as TokenizerKind // params were parsed by the same fields
}

export function badTokenizer(kind: string, rule: string, got: unknown): DataError {
  return new DataError(`Tokenizer "${kind}": ${rule}, got ${showValue(got)}`, {
    code: 'bad-tokenizer',
    remedy: 'The file that it came with is damaged; take it from its source again.',
  })
}

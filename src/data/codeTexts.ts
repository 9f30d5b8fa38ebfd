import type { DataFacts } from '../core/dataFacts.ts'
import type { ItemArray, TokenizerRecord } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import type { Tokenizer } from './tokenizers/defineTokenizer.ts'
import { createTokenizer, tokenizers } from './tokenizers/registry.ts'

/** Longer texts are cut: what learns in a browser reads no more at once, and every row takes the room of the longest. */
export const mostTokens = 512

/** Stands in `texts` after the end of one; no token has it. */
export const noToken = -1

export interface CodingRequest {
  readonly data: Pick<DataConfig, 'tokenizer'>
  /** Places of the training part. */
  readonly train: Int32Array
  readonly signal?: AbortSignal | undefined
}

export interface CodedTexts {
  readonly facts: Pick<DataFacts, 'vocabSize' | 'textTokens' | 'targetTokens'>
  readonly tokenizer: TokenizerRecord
  /**
   * `texts` [N, L], each as its tokens and then `noToken`, L those of the longest; `textIds` [N], equal where the words
   * are. `targetTexts` [N, Lt] in the same way, where there are some.
   */
  arraysOf(places: Int32Array): Record<string, ItemArray>
}

/**
 * One vocabulary, learned from texts and from what is to be written of each, if anything: from all of them or from those at
 * `train`, as the tokenizer has it. A text without tokens is taken as token 0, so that none is empty. Throws `cancelled`.
 */
export async function codeTexts(
  texts: readonly string[],
  request: CodingRequest,
  targets: readonly string[] | null = null,
): Promise<CodedTexts> {
  const { data, train, signal } = request
  const kind = tokenizers.get(data.tokenizer.kind)
  const all = targets === null ? [texts] : [texts, targets]
  const learned =
    kind.learnsFrom === 'all' ? all.flat() : all.flatMap((some) => Array.from(train, (place) => some[place]!))
  const state = await kind.train(lines(learned), data.tokenizer, { signal })
  const tokenizer = createTokenizer({ kind: kind.id, state })
  const own = tokenRows(texts, tokenizer)
  const written = targets === null ? null : tokenRows(targets, tokenizer)
  const known = new Map<string, number>()
  const ids = texts.map((text) => {
    const id = known.get(text) ?? known.size
    known.set(text, id)
    return id
  })
  return {
    facts: {
      vocabSize: tokenizer.vocabSize,
      textTokens: own.longest,
      ...(written === null ? {} : { targetTokens: written.longest }),
    },
    tokenizer: { kind: kind.id, state },
    arraysOf(places) {
      return {
        texts: own.at(places),
        textIds: places.map((place) => ids[place]!),
        ...(written === null ? {} : { targetTexts: written.at(places) }),
      }
    },
  }
}

interface TokenRows {
  readonly longest: number
  /** [N, longest], `noToken` after the end of each */
  at(places: Int32Array): Int32Array
}

function tokenRows(texts: readonly string[], tokenizer: Tokenizer): TokenRows {
  const coded = texts.map((text) => {
    const tokens = tokenizer.encode(text)
    return tokens.length > 0 ? tokens.subarray(0, mostTokens) : Uint8Array.of(0)
  })
  const longest = coded.reduce((most, { length }) => Math.max(most, length), 1)
  return {
    longest,
    at(places) {
      const rows = new Int32Array(places.length * longest).fill(noToken)
      places.forEach((place, item) => rows.set(coded[place]!, item * longest))
      return rows
    },
  }
}

async function* lines(texts: readonly string[]): AsyncGenerator<string, void, void> {
  for (const text of texts) yield `${text}\n`
}

import type { DataFacts } from '../../core/dataFacts.ts'
import type { ItemArray, TokenizerRecord } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { createTokenizer, tokenizers } from '../tokenizers/registry.ts'

/** Stands in `captions` after the end of one; no token has it. */
export const noToken = -1

export interface CodedCaptions {
  readonly facts: Pick<DataFacts, 'vocabSize' | 'captionTokens'>
  readonly tokenizer: TokenizerRecord
  /**
   * `captions` [N, L], each as its tokens and then `noToken`, L those of the longest; `captionIds` [N], equal where the words
   * are.
   */
  arraysOf(places: Int32Array): Record<string, ItemArray>
}

/** The vocabulary is learned from all captions. One without tokens is taken as token 0, so that none is empty. */
export async function codeCaptions(
  captions: readonly string[],
  data: Pick<DataConfig, 'tokenizer'>,
): Promise<CodedCaptions> {
  const kind = tokenizers.get(data.tokenizer.kind)
  const state = await kind.train(lines(captions), data.tokenizer)
  const tokenizer = createTokenizer({ kind: kind.id, state })
  const coded = captions.map((caption) => {
    const tokens = tokenizer.encode(caption)
    return tokens.length > 0 ? tokens : Uint8Array.of(0)
  })
  const longest = coded.reduce((most, { length }) => Math.max(most, length), 1)
  const known = new Map<string, number>()
  const ids = captions.map((caption) => {
    const id = known.get(caption) ?? known.size
    known.set(caption, id)
    return id
  })
  return {
    facts: { vocabSize: tokenizer.vocabSize, captionTokens: longest },
    tokenizer: { kind: kind.id, state },
    arraysOf(places) {
      const own = new Int32Array(places.length * longest).fill(noToken)
      places.forEach((place, item) => own.set(coded[place]!, item * longest))
      return { captions: own, captionIds: places.map((place) => ids[place]!) }
    },
  }
}

async function* lines(captions: readonly string[]): AsyncGenerator<string, void, void> {
  for (const caption of captions) yield `${caption}\n`
}

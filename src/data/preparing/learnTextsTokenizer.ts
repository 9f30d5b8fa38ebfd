import type { TokenizerRecord } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { splitItems } from '../splitItems.ts'
import type { SplitItems } from '../splits/parts/splitItems.ts'
import { defineStep, jsonCodec } from '../steps/defineStep.ts'
import { tokenizers } from '../tokenizers/registry.ts'

/** Texts of items, and what is to be written of each, if anything. */
export interface ItemTexts {
  readonly texts: readonly string[]
  readonly targets: readonly string[] | null
  /** By what they are split. */
  readonly items: SplitItems
}

/**
 * One tokenizer for the texts of items and what is to be written of them: of those in the training part of a split, or,
 * where that is null, of all. null where there are none.
 */
export default defineStep<
  { tokenizer: DataConfig['tokenizer']; split: DataConfig['split'] | null },
  { texts: ItemTexts | null },
  TokenizerRecord | null
>({
  id: 'texts/tokenizer',
  title: 'Tokenizer',
  version: 2,
  codec: jsonCodec(),
  async run({ config: { tokenizer, split }, seed, inputs, signal, onProgress }) {
    if (inputs.texts === null) return null
    const { texts, targets, items } = inputs.texts
    const places = split && splitItems(items, split, seed).train
    const chosen = (all: readonly string[]) =>
      places === null || all.length === 0 ? all : Array.from(places, (place) => all[place]!)
    const kind = tokenizers.get(tokenizer.kind)
    const state = await kind.train(lines([...chosen(texts), ...chosen(targets ?? [])]), tokenizer, {
      signal,
      onProgress,
    })
    return { kind: kind.id, state }
  },
})

async function* lines(texts: readonly string[]): AsyncGenerator<string, void, void> {
  for (const text of texts) yield `${text}\n`
}

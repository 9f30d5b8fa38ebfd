import type { TokenizerRecord } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { defineStep, jsonCodec } from '../steps/defineStep.ts'
import { tokenizers } from '../tokenizers/registry.ts'

/** Texts of items, and what is to be written of each, if anything. */
export interface ItemTexts {
  readonly texts: readonly string[]
  readonly targets: readonly string[] | null
}

/** One tokenizer for the texts of all items and what is to be written of them; null where there are none. */
export default defineStep<
  { tokenizer: DataConfig['tokenizer'] },
  { texts: ItemTexts | null },
  TokenizerRecord | null
>({
  id: 'texts/tokenizer',
  title: 'Tokenizer',
  version: 1,
  codec: jsonCodec(),
  async run({ config: { tokenizer }, inputs: { texts } }) {
    if (texts === null) return null
    const kind = tokenizers.get(tokenizer.kind)
    return { kind: kind.id, state: await kind.train(lines(texts), tokenizer) }
  },
})

async function* lines({ texts, targets }: ItemTexts): AsyncGenerator<string, void, void> {
  for (const text of texts) yield `${text}\n`
  for (const text of targets ?? []) yield `${text}\n`
}

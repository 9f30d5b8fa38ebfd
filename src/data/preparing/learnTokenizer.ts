import type { TokenizerRecord } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { defineStep, jsonCodec } from '../steps/defineStep.ts'
import { tokenizers } from '../tokenizers/registry.ts'
import type { Content } from './content.ts'
import { readNormalised, type NormalisedText } from './normaliseText.ts'

/** A tokenizer that has learned its vocabulary from a whole text. */
export default defineStep<
  { tokenizer: DataConfig['tokenizer'] },
  { content: Content; text: NormalisedText },
  TokenizerRecord
>({
  id: 'text/tokenizer',
  title: 'Tokenizer',
  version: 1,
  codec: jsonCodec(),
  async run({ config: { tokenizer }, inputs, signal, onProgress }) {
    const kind = tokenizers.get(tokenizer.kind)
    return { kind: kind.id, state: await kind.train(readNormalised(inputs, signal, onProgress), tokenizer) }
  },
})

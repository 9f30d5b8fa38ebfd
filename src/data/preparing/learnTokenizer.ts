import type { TokenizerRecord } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { cutText } from '../cutText.ts'
import { requireSplit } from '../splits/registry.ts'
import { defineStep, jsonCodec } from '../steps/defineStep.ts'
import { tokenizers } from '../tokenizers/registry.ts'
import type { Content } from './content.ts'
import { readNormalised, type NormalisedText } from './normaliseText.ts'

/** A tokenizer that has learned its vocabulary from the training part of a split, or, where that is null, from a whole text. */
export default defineStep<
  { tokenizer: DataConfig['tokenizer']; split: DataConfig['split'] | null },
  { content: Content; text: NormalisedText },
  TokenizerRecord
>({
  id: 'text/tokenizer',
  title: 'Tokenizer',
  version: 1,
  codec: jsonCodec(),
  async run({ config: { tokenizer, split }, seed, inputs, signal, onProgress }) {
    const kind = tokenizers.get(tokenizer.kind)
    const pieces = readNormalised(inputs, signal, (share) => onProgress(share / 2))
    const { length } = inputs.text
    const stretches = split && requireSplit(split, 'text').validation(length, split, seed)
    const training = async function* () {
      for await (const { text, isValidation } of cutText(pieces, stretches ?? []))
        if (!isValidation) yield text
    }
    const state = await kind.train(stretches === null ? pieces : training(), tokenizer, {
      signal,
      onProgress: (share) => onProgress((1 + share) / 2),
    })
    return { kind: kind.id, state }
  },
})

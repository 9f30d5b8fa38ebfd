import type { TokenizerRecord } from '../../core/prepared.ts'
import { defineStep } from '../steps/defineStep.ts'
import type { ItemTexts } from './learnTextsTokenizer.ts'
import type { NormalisedText } from './normaliseText.ts'

/** A tokenizer that is there already, read only where a step is computed. */
export interface GivenTokenizer {
  /** Throws `tokenizer-missing` and what `readTokenizerFile` throws. */
  record(): Promise<TokenizerRecord>
}

/** The tokenizer of a file, as it is, for texts of whatever kind; null where there are none. */
export default defineStep<
  null,
  { file: GivenTokenizer; texts: NormalisedText | ItemTexts | null },
  TokenizerRecord | null
>({
  id: 'tokenizer/file',
  title: 'Tokenizer',
  version: 1,
  codec: null,
  run: ({ inputs: { file, texts } }) => (texts === null ? null : file.record()),
})

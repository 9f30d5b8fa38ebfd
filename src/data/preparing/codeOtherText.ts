import type { Coding, Prepared } from '../../core/prepared.ts'
import { defineStep } from '../steps/defineStep.ts'
import { createTokenizer } from '../tokenizers/registry.ts'
import type { Content } from './content.ts'
import { encodeStretches } from './encodeText.ts'
import type { NormalisedText } from './normaliseText.ts'
import { allMeasured } from './otherItems.ts'

/** Unknown characters that are named. */
const mostNamed = 8

/** All of another text in the tokens that a model knows. Throws `too-large`. */
export default defineStep<
  null,
  { content: Content; text: NormalisedText; coding: Coding },
  Omit<Prepared, 'key'>
>({
  id: 'text/coded',
  title: 'Tokens of another text',
  version: 1,
  codec: null,
  async run({ inputs: { content, text, coding }, signal, onProgress }) {
    const record = coding.tokenizer!
    const tokenizer = createTokenizer(record)
    const unknown = new Set<string>()
    const { validation: tokens } = await encodeStretches(
      { content, text, tokenizer: record, stretches: [{ start: 0, end: text.length }] },
      signal,
      onProgress,
      (piece) => tokenizer.unknownIn(piece).forEach((each) => unknown.add(each)),
    )
    const named = [...unknown].slice(0, mostNamed).map((each) => JSON.stringify(each))
    const rest = unknown.size > mostNamed ? ` and ${unknown.size - mostNamed} more` : ''
    const notice = `The model has never read ${named.join(', ')}${rest}: left out, or read as unknown.`
    return allMeasured({
      kind: 'text',
      part: { count: tokens.length, arrays: { tokens } },
      coding,
      notices: unknown.size > 0 ? [notice] : [],
    })
  },
})

import type { DataConfig } from '../core/runConfig.ts'
import type { TokenizerRecord } from '../core/prepared.ts'
import { createTokenizer, tokenizers } from './tokenizers/registry.ts'
import { transformText } from './transforms/registry.ts'

export interface PreviewRequest {
  /** The text in pieces that end at characters' ends. */
  readonly textChunks: AsyncIterable<string>
  /** UTF-16 units of the transformed text; moved back to the start of a character. */
  readonly offset: number
  readonly length: number
  /** Transforms and tokenizer to look through; null shows the text as it is. */
  readonly data: DataConfig | null
  /** The trained tokenizer, where there is one already. Without it one is trained on the piece that is shown. */
  readonly tokenizer?: TokenizerRecord
}

/** A piece of a text with the ends of its tokens. */
export async function previewText(request: PreviewRequest) {
  const { data, offset, length } = request
  const pieces = data === null ? request.textChunks : transformText(request.textChunks, data.transforms)
  let totalCharacters = 0
  let text = ''
  let start = offset
  for await (const piece of pieces) {
    const from = Math.max(0, offset - totalCharacters)
    if (from < piece.length && text.length < length) {
      // Only the first piece can begin inside a pair: offsets count pieces whole.
      const cut = text === '' && from > 0 && isLowSurrogate(piece.charCodeAt(from)) ? from - 1 : from
      if (text === '') start = totalCharacters + cut
      text += piece.slice(cut, cut + length - text.length + 1)
    }
    totalCharacters += piece.length
  }
  // One unit more was taken, to see whether the end falls inside a pair.
  if (text.length > length)
    text = text.slice(0, isLowSurrogate(text.charCodeAt(length)) ? length - 1 : length)
  return {
    text,
    offset: Math.min(start, totalCharacters),
    totalCharacters,
    tokenEnds: await tokenEnds(request, text),
  }
}

async function tokenEnds({ data, tokenizer }: PreviewRequest, text: string): Promise<number[]> {
  if (tokenizer) return createTokenizer(tokenizer).tokenEnds(text)
  if (data === null) return []
  const kind = tokenizers.get(data.tokenizer.kind)
  const once = async function* () {
    yield text
  }
  return kind.create(await kind.train(once(), data.tokenizer)).tokenEnds(text)
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000

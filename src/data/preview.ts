import type { DataConfig } from '../core/runConfig.ts'
import type { TokenizerRecord } from '../core/prepared.ts'
import type { TokenizerMetrics } from '../core/tokenizerMetrics.ts'
import { measureTokenizer } from './measureTokenizer.ts'
import type { Tokenizer } from './tokenizers/defineTokenizer.ts'
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

/** A piece of a text with the ends of its tokens and how well they fit it. */
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
    ...(await tokensOf(request, text)),
  }
}

async function tokensOf(
  { data, tokenizer: record }: PreviewRequest,
  text: string,
): Promise<{ tokenEnds: number[]; metrics: TokenizerMetrics | null }> {
  const once = async function* () {
    yield text
  }
  if (!record && data === null) return { tokenEnds: [], metrics: null }
  const tokenizer = record ? createTokenizer(record) : await learned(data!, once())
  return { tokenEnds: tokenizer.tokenEnds(text), metrics: await measureTokenizer(tokenizer, once()) }
}

async function learned({ tokenizer }: DataConfig, text: AsyncIterable<string>): Promise<Tokenizer> {
  const kind = tokenizers.get(tokenizer.kind)
  return kind.create(await kind.train(text, tokenizer))
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000

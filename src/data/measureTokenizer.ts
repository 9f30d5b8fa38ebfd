import type { TokenizerMetrics } from '../core/tokenizerMetrics.ts'
import { settling } from './settledPieces.ts'
import type { Tokenizer } from './tokenizers/defineTokenizer.ts'

/** What a tokenizer makes of a text in pieces. Shares of an empty text are those of a faultless one. */
export async function measureTokenizer(
  tokenizer: Tokenizer,
  pieces: AsyncIterable<string>,
): Promise<TokenizerMetrics> {
  const { vocabSize, unknownId } = tokenizer
  const used = new Set<number>()
  let [bytes, tokens, unknown, words, lines, same] = [0, 0, 0, 0, 0, 0]
  const encoder = new TextEncoder()
  const takeStretch = (text: string) => {
    bytes += encoder.encode(text).length
    for (const id of tokenizer.encode(text)) {
      tokens++
      used.add(id)
      if (id === unknownId) unknown++
    }
  }
  const takeLines = (text: string) => {
    for (const line of text.split('\n')) {
      lines++
      if (tokenizer.decode(tokenizer.encode(line)) === line) same++
      words += line.match(/\P{White_Space}+/gu)?.length ?? 0
    }
  }
  const stretches = settling((text) => tokenizer.settledLength(text))
  const whole = settling((text) => text.lastIndexOf('\n') + 1)
  for await (const piece of pieces) {
    takeStretch(stretches.push(piece))
    const closed = whole.push(piece)
    if (closed !== '') takeLines(closed.slice(0, -1))
  }
  takeStretch(stretches.end())
  const last = whole.end()
  if (last !== '') takeLines(last)
  return {
    bytes,
    tokens,
    words,
    bytesPerToken: tokens === 0 ? 0 : bytes / tokens,
    tokensPerWord: words === 0 ? 0 : tokens / words,
    unknownShare: tokens === 0 ? 0 : unknown / tokens,
    roundTripShare: lines === 0 ? 1 : same / lines,
    vocabSize,
    vocabularyUse: used.size / vocabSize,
  }
}

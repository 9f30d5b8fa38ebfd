import type { TokenizerMetrics } from '../../core/tokenizerMetrics.ts'
import { formatPercent } from '../format.ts'

/** A piece of text cut at the ends of its tokens (UTF-16 units, ascending); what follows the last end is a piece too. */
export function cutAt(text: string, ends: readonly number[]): string[] {
  const pieces: string[] = []
  let start = 0
  for (const end of ends) {
    if (end <= start || end > text.length) continue
    pieces.push(text.slice(start, end))
    start = end
  }
  if (start < text.length) pieces.push(text.slice(start))
  return pieces
}

/** Line breaks and tabs made visible, so that the token that holds one has a width. */
export function showControls(piece: string): string {
  return piece.replaceAll('\r', '␍').replaceAll('\n', '↵\n').replaceAll('\t', '→\t')
}

/** How well tokens fit a piece of text, in a line. */
export function fitOf(metrics: TokenizerMetrics): string {
  const { bytesPerToken, tokensPerWord, unknownShare, roundTripShare, vocabularyUse } = metrics
  const unknown = unknownShare > 0 && unknownShare < 0.01 ? 'under 1 %' : formatPercent(unknownShare)
  return [
    `${bytesPerToken.toFixed(2)} bytes a token`,
    `${tokensPerWord.toFixed(2)} tokens a word`,
    `${unknown} unknown`,
    `${formatPercent(roundTripShare)} of lines come back as they were`,
    `${formatPercent(vocabularyUse)} of the vocabulary in this piece`,
  ].join(' · ')
}

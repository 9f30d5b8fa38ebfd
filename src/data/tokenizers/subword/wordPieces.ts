import type { WordModel } from './wordModel.ts'

export interface WordPieces {
  readonly ids: ReadonlyMap<string, number>
  readonly unknownId: number
  /** Begins tokens that go on a word. */
  readonly continuation: string
  /** Longer words are unknown, in characters. */
  readonly longestWord: number
}

/**
 * WordPiece: the longest token that a word begins with, then the longest that goes on from there; a word that cannot be
 * made up so is unknown as a whole. Wu et al. 2016, https://arxiv.org/abs/1609.08144, and BERT.
 */
export function wordPieces({ ids, unknownId, continuation, longestWord }: WordPieces): WordModel {
  let longest = 0
  for (const token of ids.keys()) longest = Math.max(longest, token.length)
  return (word) => {
    const unknown = Int32Array.of(unknownId, word.length)
    if (word.length > longestWord && Array.from(word).length > longestWord) return unknown
    const out: number[] = []
    for (let start = 0; start < word.length;) {
      let end = Math.min(word.length, start + longest)
      const prefix = start > 0 ? continuation : ''
      let id: number | undefined
      for (; end > start; end--) {
        if (isLowSurrogate(word.charCodeAt(end))) continue
        id = ids.get(prefix + word.slice(start, end))
        if (id !== undefined) break
      }
      if (id === undefined) return unknown
      out.push(id, end)
      start = end
    }
    return Int32Array.from(out)
  }
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000

/**
 * Cuts one word into tokens: their ids and where each ends in the word, in UTF-16 units, in turns. Ends never fall; a
 * token that ends inside a character ends where that begins.
 */
export type WordModel = (word: string) => Int32Array

/** Longer words, and more of them, are not kept. */
const longestKept = 64
const mostKept = 65536

/** Keeps what comes of words: most words of a text are few. */
export function remembering(model: WordModel): WordModel {
  const known = new Map<string, Int32Array>()
  return (word) => {
    const kept = known.get(word)
    if (kept !== undefined) return kept
    const made = model(word)
    if (word.length > longestKept) return made
    if (known.size >= mostKept) known.clear()
    known.set(word, made)
    return made
  }
}

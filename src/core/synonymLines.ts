import { showValue } from './showValue.ts'

/** What some lines say of words: by word in lower case what may stand in its place, and what is wrong with lines. */
export interface SynonymLines {
  readonly others: ReadonlyMap<string, readonly string[]>
  /** Lines are counted from 1. */
  readonly bad: readonly { readonly line: number; readonly message: string }[]
}

/**
 * A person's own synonyms, `word: other, other` a line. Empty lines and those that begin with # say nothing; what is said of a word
 * on several lines is joined.
 */
export function readSynonymLines(text: string): SynonymLines {
  const others = new Map<string, string[]>()
  const bad: { line: number; message: string }[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const [word = '', ...rest] = line.split(':').map((part) => part.trim())
    const given = (rest.length === 1 ? rest[0]! : '').split(',').map((other) => other.trim())
    // Texts are taken apart into runs of letters.
    if (!/^\p{L}+$/u.test(word) || given.some((other) => other === '')) {
      const message = `must be a word of letters, a colon and others with commas between, got ${showValue(line)}`
      bad.push({ line: i + 1, message })
      continue
    }
    const key = word.toLowerCase()
    others.set(key, [...new Set([...(others.get(key) ?? []), ...given])])
  }
  return { others, bad }
}

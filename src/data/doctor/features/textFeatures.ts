import { purposeHash } from '../../../core/rng.ts'

/** Longer texts are judged by their beginning. UTF-16 units. */
const longest = 4000
/** Lengths of runs of characters, in words marked at both ends. */
const runs = [2, 3, 4, 5] as const
/** Terms are hashed into so many columns. */
const columns = 1 << 17

/** Rows that are mostly zero. */
export interface SparseMatrix {
  readonly width: number
  /** Row i has its entries from starts[i] to starts[i + 1]. [rows + 1] */
  readonly starts: Int32Array
  readonly columns: Int32Array
  readonly values: Float64Array
}

/**
 * Words and runs of 2 to 5 characters of each text, by term frequency (1 + log) and inverse document frequency, hashed into
 * columns (Weinberger et al. 2009, "Feature hashing for large scale multitask learning"). Each row has length 1, or none
 * where the text is empty. A term that stands in one text alone tells nothing of others and is left out.
 */
export function textFeatures(texts: readonly string[]): SparseMatrix {
  const counted = texts.map(termsOf)
  const documents = new Int32Array(columns)
  for (const terms of counted) for (const term of terms.keys()) documents[term]!++
  const starts = new Int32Array(texts.length + 1)
  const places: number[] = []
  const values: number[] = []
  counted.forEach((terms, row) => {
    let squares = 0
    for (const [term, count] of terms) {
      if (documents[term]! < 2) continue
      const value = (1 + Math.log(count)) * (Math.log((1 + texts.length) / (1 + documents[term]!)) + 1)
      places.push(term)
      values.push(value)
      squares += value * value
    }
    const norm = Math.sqrt(squares)
    for (let at = starts[row]!; at < values.length; at++) values[at]! /= norm
    starts[row + 1] = values.length
  })
  return { width: columns, starts, columns: Int32Array.from(places), values: Float64Array.from(values) }
}

/** Columns of what a text is made of, with how often each stands in it. */
function termsOf(text: string): Map<number, number> {
  const terms = new Map<number, number>()
  const add = (term: string) => {
    const column = purposeHash(term) % columns
    terms.set(column, (terms.get(column) ?? 0) + 1)
  }
  const whole = text.slice(0, longest).toLowerCase().normalize('NFC')
  for (const word of whole.split(/[^\p{L}\p{N}\p{S}]+/u)) {
    if (word === '') continue
    add(`word ${word}`)
    const marked = `<${word}>`
    for (const length of runs)
      for (let at = 0; at + length <= marked.length; at++) add(marked.slice(at, at + length))
  }
  return terms
}

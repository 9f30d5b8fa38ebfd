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
  const documents = new Int32Array(columns)
  const [terms, counts] = [new IntList(), new IntList()]
  const ends = texts.map((text) => {
    for (const [term, count] of termsOf(text)) {
      documents[term]!++
      terms.push(term)
      counts.push(count)
    }
    return terms.length
  })
  const starts = new Int32Array(texts.length + 1)
  const values = new Float64Array(terms.length)
  const places = terms.values // written over from its beginning: what is kept comes no later than it was
  let kept = 0
  ends.forEach((end, row) => {
    let squares = 0
    for (let at = ends[row - 1] ?? 0; at < end; at++) {
      const term = terms.values[at]!
      if (documents[term]! < 2) continue
      const idf = Math.log((1 + texts.length) / (1 + documents[term]!)) + 1
      const value = (1 + Math.log(counts.values[at]!)) * idf
      places[kept] = term
      values[kept++] = value
      squares += value * value
    }
    const norm = Math.sqrt(squares)
    for (let at = starts[row]!; at < kept; at++) values[at]! /= norm
    starts[row + 1] = kept
  })
  return { width: columns, starts, columns: places.slice(0, kept), values: values.slice(0, kept) }
}

/** Whole numbers one after another: millions of them, in the memory that they take. */
class IntList {
  values = new Int32Array(1 << 16)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(2 * this.length)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = value
  }
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

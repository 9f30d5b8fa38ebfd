import { letterOfByte } from './byteAlphabet.ts'
import { Heap } from './heap.ts'
import type { WordModel } from './wordModel.ts'

export interface ByteMerges {
  readonly ids: ReadonlyMap<string, number>
  /** Pairs of tokens that are in `ids`, and so are they joined; the first is merged first. */
  readonly merges: readonly (readonly [left: string, right: string])[]
  /** Of bytes that have no token; null leaves them out. */
  readonly unknownId: number | null
  /** Whether neighbouring unknown bytes are one token. */
  readonly isFusing: boolean
  /** Whether a word that is a token is taken as it is, without merging. */
  readonly isWhole: boolean
}

const idLimit = 2 ** 26
/** Times a rank, plus a place: exact, and in order of ranks. */
const placeLimit = 2 ** 31
const encoder = new TextEncoder()

/**
 * Byte-pair encoding of words: of all neighbouring pairs the one learned first is merged, the leftmost first, until none
 * is left. Pairs wait in a heap, so that a word of n bytes costs n log n. Longest word: 2 GiB.
 */
export function byteMerger({ ids, merges, unknownId, isFusing, isWhole }: ByteMerges): WordModel {
  const byteIds = Int32Array.from(letterOfByte, (letter) => ids.get(letter) ?? unknownId ?? -1)
  const isUnknown = Uint8Array.from(letterOfByte, (letter) => (ids.has(letter) ? 0 : 1))
  const ranks = new Map<number, number>()
  const mergedIds = new Int32Array(merges.length)
  merges.forEach(([left, right], rank) => {
    ranks.set(ids.get(left)! * idLimit + ids.get(right)!, rank)
    mergedIds[rank] = ids.get(left + right)!
  })

  return (word) => {
    const bytes = encoder.encode(word)
    if (isWhole) {
      const own = ids.get(Array.from(bytes, (byte) => letterOfByte[byte]!).join(''))
      if (own !== undefined) return Int32Array.of(own, word.length)
    }
    const symbols = new Int32Array(bytes.length)
    const ends = new Int32Array(bytes.length)
    let count = 0
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      const id = byteIds[byte]!
      const isJoined = isFusing && isUnknown[byte] && i > 0 && isUnknown[bytes[i - 1]!]
      if (id >= 0 && !isJoined) symbols[count++] = id
      if (count > 0) ends[count - 1] = i + 1
    }
    mergeAll(symbols, ends, count)
    return inText(word, symbols, ends, count)
  }

  /** Merged symbols are left as -1 where their right halves were. */
  function mergeAll(symbols: Int32Array, ends: Int32Array, count: number): void {
    const next = Int32Array.from({ length: count }, (_, i) => i + 1)
    const before = Int32Array.from({ length: count }, (_, i) => i - 1)
    const rankAt = (at: number): number | undefined => {
      const right = next[at]!
      return right < count ? ranks.get(symbols[at]! * idLimit + symbols[right]!) : undefined
    }
    const queue = new Heap<number>((a, b) => a < b)
    const offer = (at: number) => {
      const rank = rankAt(at)
      if (rank !== undefined) queue.push(rank * placeLimit + at)
    }
    for (let at = 0; at < count; at++) offer(at)
    for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
      const at = top % placeLimit
      const rank = Math.floor(top / placeLimit)
      if (symbols[at] === -1 || rankAt(at) !== rank) continue
      const right = next[at]!
      symbols[at] = mergedIds[rank]!
      ends[at] = ends[right]!
      symbols[right] = -1
      next[at] = next[right]!
      if (next[at]! < count) before[next[at]!] = at
      offer(at)
      if (before[at]! >= 0) offer(before[at]!)
    }
  }
}

/** Ids and ends in UTF-16 units: a token that ends inside a character ends where that begins. */
function inText(word: string, symbols: Int32Array, ends: Int32Array, count: number): Int32Array {
  const out: number[] = []
  let bytes = 0
  let units = 0
  for (let i = 0; i < count; i++) {
    if (symbols[i] === -1) continue
    while (units < word.length) {
      const code = word.codePointAt(units)!
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      if (bytes + size > ends[i]!) break
      bytes += size
      units += code > 0xffff ? 2 : 1
    }
    out.push(symbols[i]!, units)
  }
  return Int32Array.from(out)
}

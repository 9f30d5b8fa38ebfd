import { throwIfCancelled } from '../../cancel.ts'
import { Heap } from './heap.ts'

/** The distinct words of a text, as ids of the first tokens. */
export interface WordTable {
  /** All words, one after the other. Changed by learning. */
  readonly symbols: Int32Array
  /** Where each word starts; one more number than words. */
  readonly starts: Int32Array
  readonly counts: Float64Array
}

export interface LearnOptions {
  /** The first tokens, by id. */
  readonly tokens: readonly string[]
  /** Tokens in the end, as far as the text has them. */
  readonly vocabSize: number
  /** A pair that stands less often is not merged. */
  readonly minCount: number
  /** Begins tokens that go on a word; left out of the second half of a merge. */
  readonly continuation: string
  readonly signal?: AbortSignal | undefined
  onProgress?: ((share: number) => void) | undefined
}

export interface Learned {
  readonly tokens: readonly string[]
  /** Pairs of ids, the first to be merged first. */
  readonly merges: readonly (readonly [left: number, right: number])[]
}

/** A pair of tokens that waits to be merged, as it was counted when it came. */
interface WaitingPair {
  readonly count: number
  readonly left: number
  readonly right: number
  /** Words that hold it. */
  readonly words: readonly number[]
}

function isBefore(a: WaitingPair, b: WaitingPair): boolean {
  return a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right
}

/** Ids are below this: two of them make an exact number. */
const idLimit = 2 ** 26
const mergesOfTurn = 128

/**
 * Byte-pair encoding: merges the commonest pair of neighbouring tokens until there are `vocabSize` (Sennrich et al. 2016,
 * https://arxiv.org/abs/1508.07909). Of equally common pairs the one with the lower left id goes first, then the one with
 * the lower right id. Counts of pairs are kept up as words change, and pairs wait in a queue with their words, so that a
 * merge costs what it changes.
 *
 * Ids and merges are those of the BpeTrainer of Hugging Face's `tokenizers` 0.23 from the same first tokens, with what is
 * odd about it: two pairs may spell one token, which then has one id; the words of a pair are those known when it was put
 * into the queue, so that such a pair may come twice, and its later place counts.
 * @throws DataError `cancelled`
 */
export async function learnMerges(table: WordTable, options: LearnOptions): Promise<Learned> {
  const { symbols, starts, counts } = table
  const { vocabSize, minCount, continuation, signal, onProgress } = options
  const tokens = [...options.tokens]
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const lengths = Int32Array.from(counts, (_, word) => starts[word + 1]! - starts[word]!)
  const pairCounts = new Map<number, number>()
  const queue = new Heap<WaitingPair>(isBefore)
  let fresh = new Map<number, number[]>()

  const change = (left: number, right: number, by: number, word: number) => {
    const key = left * idLimit + right
    pairCounts.set(key, (pairCounts.get(key) ?? 0) + by)
    if (by < 0) return
    const words = fresh.get(key)
    if (words === undefined) fresh.set(key, [word])
    else if (words[words.length - 1] !== word) words.push(word)
  }
  const enqueue = () => {
    for (const [key, words] of fresh) {
      const count = pairCounts.get(key)!
      if (count > 0) queue.push({ count, left: Math.floor(key / idLimit), right: key % idLimit, words })
    }
    fresh = new Map()
  }
  const mergeIn = (word: number, left: number, right: number, merged: number) => {
    const start = starts[word]!
    const end = start + lengths[word]!
    const count = counts[word]!
    let to = start
    for (let from = start; from < end; from++, to++) {
      const isPair = symbols[from] === left && from + 1 < end && symbols[from + 1] === right
      if (!isPair) {
        symbols[to] = symbols[from]!
        continue
      }
      from++
      if (to > start) {
        change(symbols[to - 1]!, left, -count, word)
        change(symbols[to - 1]!, merged, count, word)
      }
      symbols[to] = merged
      if (from + 1 < end) {
        change(right, symbols[from + 1]!, -count, word)
        change(merged, symbols[from + 1]!, count, word)
      }
    }
    lengths[word] = to - start
  }

  for (let word = 0; word < counts.length; word++)
    for (let i = starts[word]!; i + 1 < starts[word + 1]!; i++)
      change(symbols[i]!, symbols[i + 1]!, counts[word]!, word)
  enqueue()

  /** By key; a pair that comes again takes its later place. */
  const merges = new Map<number, readonly [number, number]>()
  const first = tokens.length
  for (let turn = 1; tokens.length < vocabSize; turn++) {
    const top = queue.pop()
    if (top === undefined) break
    const key = top.left * idLimit + top.right
    const count = pairCounts.get(key)!
    if (count !== top.count) {
      if (count > 0) queue.push({ ...top, count })
      continue
    }
    if (count < minCount) break
    const rest = tokens[top.right]!
    const token = tokens[top.left]! + (rest.startsWith(continuation) ? rest.slice(continuation.length) : rest)
    const merged = ids.get(token) ?? tokens.length
    if (merged === tokens.length) ids.set(tokens[tokens.push(token) - 1]!, merged)
    merges.delete(key)
    merges.set(key, [top.left, top.right])
    for (const word of top.words) mergeIn(word, top.left, top.right, merged)
    enqueue()
    if (turn % mergesOfTurn > 0) continue
    await new Promise((resolve) => setTimeout(resolve))
    throwIfCancelled(signal)
    onProgress?.((tokens.length - first) / (vocabSize - first))
  }
  return { tokens, merges: [...merges.values()] }
}

import type { WordTable } from './learnMerges.ts'
import type { TakeWord } from './scanWords.ts'

/** Longer words are taken as several, so that a text without white space is learned in time. UTF-16 units. */
const longestWord = 1024

/** The distinct words of stretches of a text that can each be cut by itself, with how often they stand. */
export async function countWords(
  stretches: AsyncIterable<string>,
  scan: (text: string, take: TakeWord) => void,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const text of stretches) {
    scan(text, (from, to) => {
      for (let start = from; start < to;) {
        let end = Math.min(to, start + longestWord)
        if (end < to && isLowSurrogate(text.charCodeAt(end))) end++
        const word = text.slice(start, end)
        counts.set(word, (counts.get(word) ?? 0) + 1)
        start = end
      }
    })
  }
  return counts
}

/** Words as ids of their first tokens. */
export function wordTable(
  counts: ReadonlyMap<string, number>,
  idsOf: (word: string) => Iterable<number>,
): WordTable {
  const symbols: number[] = []
  const starts = new Int32Array(counts.size + 1)
  let word = 0
  for (const text of counts.keys()) {
    for (const id of idsOf(text)) symbols.push(id)
    starts[++word] = symbols.length
  }
  return { symbols: Int32Array.from(symbols), starts, counts: Float64Array.from(counts.values()) }
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000

import { utf8Text } from '../reading/decodeText.ts'

/** Lines longer than this are counted as this long, so that memory stays bounded. */
const longestLine = 1_000_000
const previewLength = 400

export interface TextDescription {
  readonly kind: 'text'
  /** UTF-16 units. */
  readonly characters: number
  /** Runs of letters, digits and marks between white space. */
  readonly words: number
  readonly lines: number
  readonly blankLines: number
  /** UTF-16 units of lines that are not blank; null where all are. */
  readonly lineLengths: {
    readonly min: number
    readonly median: number
    readonly max: number
    readonly mean: number
  } | null
  /** Its beginning. */
  readonly preview: string
}

/** Reads a stored text once, in memory bounded by the number of different line lengths. */
export async function describeText(pieces: AsyncIterable<Uint8Array>): Promise<TextDescription> {
  const lengths = new Map<number, number>()
  let characters = 0
  let words = 0
  let lines = 0
  let blankLines = 0
  let preview = ''
  let length = 0
  let hasInk = false
  let isInWord = false
  const endLine = () => {
    lines++
    if (hasInk)
      lengths.set(Math.min(length, longestLine), (lengths.get(Math.min(length, longestLine)) ?? 0) + 1)
    else blankLines++
    length = 0
    hasInk = false
  }
  for await (const text of utf8Text(pieces)) {
    characters += text.length
    if (preview.length < previewLength) preview += text.slice(0, previewLength - preview.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 10) {
        endLine()
        isInWord = false
        continue
      }
      length++
      const isSpace = code === 32 || code === 9 || code === 0xa0 || code === 0x3000
      if (isSpace) isInWord = false
      else {
        hasInk = true
        if (!isInWord) words++
        isInWord = true
      }
    }
  }
  if (length > 0) endLine()
  return { kind: 'text', characters, words, lines, blankLines, lineLengths: lengthsOf(lengths), preview }
}

function lengthsOf(counts: ReadonlyMap<number, number>): TextDescription['lineLengths'] {
  const sorted = [...counts].sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  const [median] = sorted.find(([, count]) => (seen += count) * 2 >= total)!
  const mean = sorted.reduce((sum, [length, count]) => sum + length * count, 0) / total
  return { min: sorted[0]![0], median, max: sorted.at(-1)![0], mean }
}

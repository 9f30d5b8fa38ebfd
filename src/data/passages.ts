/** Blank lines: what parts the passages of a text. */
const blank = /(\n(?:[ \t]*\n)+)/

/** The passages of a text, parted by blank lines, without white space around them; those are its items. */
export function passagesOf(text: string): string[] {
  return piecesOf(text)
    .map(({ passage }) => passage.trim())
    .filter((passage) => passage !== '')
}

/** The same text without some of its passages, each of which goes with the blank lines after it. */
export function withoutPassages(text: string, dropped: ReadonlySet<number>): string {
  let item = 0
  const kept = piecesOf(text).filter(({ passage }) => passage.trim() === '' || !dropped.has(item++))
  return kept.map(({ passage, after }) => passage + after).join('')
}

function piecesOf(text: string): { passage: string; after: string }[] {
  const parts = text.split(blank)
  return Array.from({ length: (parts.length + 1) / 2 }, (_, i) => ({
    passage: parts[2 * i]!,
    after: parts[2 * i + 1] ?? '',
  }))
}

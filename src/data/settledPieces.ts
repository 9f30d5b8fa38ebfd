/**
 * Joins pieces of a text to stretches whose tokens do not depend on what follows, so that each can be taken by itself.
 * `settledLength` tells how much of a text that is. What has no such place is held until there is twice as much of it:
 * a text without any costs time in proportion to its length.
 */
export function settling(settledLength: (text: string) => number): {
  /** The settled stretch that this piece completes; may be empty. */
  push(piece: string): string
  /** What is left. */
  end(): string
} {
  let held: string[] = []
  let heldLength = 0
  let wanted = 0
  return {
    push(piece) {
      held.push(piece)
      heldLength += piece.length
      if (heldLength < wanted) return ''
      const text = held.join('')
      const cut = settledLength(text)
      const rest = text.slice(cut)
      held = [rest]
      heldLength = rest.length
      wanted = 2 * rest.length
      return text.slice(0, cut)
    },
    end() {
      const rest = held.join('')
      held = []
      heldLength = wanted = 0
      return rest
    },
  }
}

/** The stretches of a whole text. */
export async function* settledPieces(
  pieces: AsyncIterable<string>,
  settledLength: (text: string) => number,
): AsyncGenerator<string, void, void> {
  const held = settling(settledLength)
  for await (const piece of pieces) {
    const settled = held.push(piece)
    if (settled !== '') yield settled
  }
  const rest = held.end()
  if (rest !== '') yield rest
}

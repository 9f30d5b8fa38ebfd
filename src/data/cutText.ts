import type { Stretch } from './splits/defineSplit.ts'

/**
 * Deals the pieces of a text out to its two parts. A cut that would fall inside a surrogate pair moves behind it,
 * so both parts hold whole characters.
 */
export async function* cutText(
  pieces: AsyncIterable<string>,
  validation: readonly Stretch[],
): AsyncGenerator<{ text: string; isValidation: boolean }, void, void> {
  const cuts = validation.flatMap(({ start, end }) => [start, end])
  let passed = 0
  let next = 0
  for await (const piece of pieces) {
    let from = 0
    while (from < piece.length) {
      while (next < cuts.length && cuts[next]! <= passed + from) next++
      let to = next < cuts.length ? Math.min(piece.length, cuts[next]! - passed) : piece.length
      if (
        to < piece.length &&
        isLowSurrogate(piece.charCodeAt(to)) &&
        isHighSurrogate(piece.charCodeAt(to - 1))
      )
        to++
      yield { text: piece.slice(from, to), isValidation: next % 2 === 1 }
      from = to
    }
    passed += piece.length
  }
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000

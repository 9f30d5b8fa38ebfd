/** What a character is to the cutting of a text into words. */
export const characterClass = { space: 1, letter: 2, number: 3, other: 4 } as const

/** By code point; 0 where it was not asked for yet. */
const known = new Uint8Array(0x110000)

/** One of `characterClass`, by Unicode: White_Space, then L, then N, then all others (marks too). */
export function classOf(code: number): number {
  return known[code]! || (known[code] = findClass(String.fromCodePoint(code)))
}

function findClass(character: string): number {
  if (/\p{White_Space}/u.test(character)) return characterClass.space
  if (/\p{L}/u.test(character)) return characterClass.letter
  return /\p{N}/u.test(character) ? characterClass.number : characterClass.other
}

/** A token that is taken out of a text before it is cut into words, such as `<|endoftext|>`. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Whether it is no part of a longer word. */
  readonly isWord: boolean
  /** Whether it takes the white space before it, and after it. */
  readonly stripsLeft: boolean
  readonly stripsRight: boolean
  /** Whether it is looked for in the normalised text rather than in the text as it is. */
  readonly isNormalized: boolean
  readonly isSpecial: boolean
}

/** A stretch of a text; `id` is that of the added token that it is, else null. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly id: number | null
}

const wordCharacter = /[\p{L}\p{M}\p{N}_]/u
const whiteSpace = /\p{White_Space}/u

/** Finds tokens in a text: the leftmost first, of those that begin at one place the longest. */
export function tokenFinder(
  tokens: readonly { readonly token: AddedToken; readonly content: string }[],
): (text: string) => Stretch[] {
  if (tokens.length === 0) return (text) => (text === '' ? [] : [{ from: 0, to: text.length, id: null }])
  const byContent = new Map(tokens.map(({ token, content }) => [content, token]))
  const contents = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(
    contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'),
    'gu',
  )
  return (text) => {
    const out: Stretch[] = []
    let done = 0
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!
      let from = match.index
      let to = from + match[0].length
      if (token.isWord && isInWord(text, from, to)) continue
      while (token.stripsLeft && from > done && whiteSpace.test(text[from - 1]!)) from--
      while (token.stripsRight && to < text.length && whiteSpace.test(text[to]!)) to++
      if (from > done) out.push({ from: done, to: from, id: null })
      out.push({ from: Math.max(from, done), to, id: token.id })
      done = to
    }
    if (done < text.length) out.push({ from: done, to: text.length, id: null })
    return out
  }
}

function isInWord(text: string, from: number, to: number): boolean {
  const before = Array.from(text.slice(Math.max(0, from - 2), from)).at(-1) ?? ''
  const after = Array.from(text.slice(to, to + 2))[0] ?? ''
  return wordCharacter.test(before) || wordCharacter.test(after)
}

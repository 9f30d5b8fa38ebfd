import { tokenBytes } from './byteAlphabet.ts'

type Tokens = readonly (string | undefined)[]

const encoder = new TextEncoder()

/**
 * Bytes of tokens as a text. A damaged sequence, such as one that sampling has not finished, and ids that there are not
 * read as U+FFFD.
 */
export function decodeBytes(tokens: Tokens, added: ReadonlySet<number>): (ids: ArrayLike<number>) => string {
  const known = new Map<number, Uint8Array>()
  const bytesOf = (id: number): Uint8Array => {
    let bytes = known.get(id)
    if (bytes === undefined) {
      const token = tokens[id]
      // 0xFF occurs in no UTF-8.
      bytes =
        token === undefined ? Uint8Array.of(0xff) : added.has(id) ? encoder.encode(token) : tokenBytes(token)
      if (token !== undefined) known.set(id, bytes)
    }
    return bytes
  }
  return (ids) => {
    const parts = Array.from(ids, bytesOf)
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole)
  }
}

/** What Hugging Face's decoder takes back of the blanks between words. */
const cleanings = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", ' do not', " 's", " 've", " 're"].map(
  (spaced): [string, string] => [
    spaced,
    spaced === " ' " ? "'" : spaced === ' do not' ? " don't" : spaced.slice(1),
  ],
)

/** Words with one blank between them; a token that goes on a word stands without one. */
export function decodeWords(
  tokens: Tokens,
  { prefix, isCleaned }: { readonly prefix: string; readonly isCleaned: boolean },
): (ids: ArrayLike<number>) => string {
  return (ids) =>
    Array.from(ids, (id, i) => {
      const token = tokens[id] ?? '\uFFFD'
      const isFollowing = i > 0 && prefix !== '' && token.startsWith(prefix)
      const spaced = i === 0 ? token : isFollowing ? token.slice(prefix.length) : ` ${token}`
      if (!isCleaned) return spaced
      return cleanings.reduce((text, [from, to]) => text.replaceAll(from, to), spaced)
    }).join('')
}

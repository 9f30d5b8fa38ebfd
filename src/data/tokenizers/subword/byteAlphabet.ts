/**
 * GPT-2's letters for bytes: each byte has one printable character, so that tokens of bytes can be written in JSON.
 * Bytes that print stand for themselves (U+0021–7E, A1–AC, AE–FF), the others follow from U+0100 in their order.
 * https://github.com/openai/gpt-2/blob/master/src/encoder.py
 */
export const letterOfByte: readonly string[] = makeLetters()

/** The other way round: a byte, or -1 for a UTF-16 unit that stands for none. */
export function byteOfLetter(unit: number): number {
  return bytes[unit] ?? -1
}

function makeLetters(): string[] {
  const isPrinted = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrinted(byte) ? byte : next++))
}

const bytes = new Int16Array(0x144).fill(-1)
letterOfByte.forEach((letter, byte) => (bytes[letter.charCodeAt(0)] = byte))

const encoder = new TextEncoder()

/** A text as the letters of its UTF-8. Half of a surrogate pair becomes U+FFFD. */
export function toLetters(text: string): string {
  return Array.from(encoder.encode(text), (byte) => letterOfByte[byte]!).join('')
}

/** The bytes that a token stands for; one with other characters than these letters stands for its own UTF-8. */
export function tokenBytes(token: string): Uint8Array {
  const own = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfLetter(token.charCodeAt(i))
    if (byte < 0) return encoder.encode(token)
    own[i] = byte
  }
  return own
}

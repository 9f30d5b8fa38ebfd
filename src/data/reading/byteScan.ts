/** Controls that text files do hold: tab, line feed, form feed, carriage return, escape (terminal logs). */
const isControl = Uint8Array.from({ length: 128 }, (_, b) =>
  (b < 32 && b !== 9 && b !== 10 && b !== 12 && b !== 13 && b !== 27) || b === 127 ? 1 : 0,
)
const undefined1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])

/**
 * Counts over a whole file, fed in pieces, from which its encoding is decided. Follows the UTF-8 state machine of
 * the Unicode standard, table 3-7 (well-formed byte sequences).
 */
export class ByteScan {
  sizeBytes = 0
  nulBytes = 0
  firstNul = -1
  controlBytes = 0
  highBytes = 0
  /** Bytes above 0x7F that Windows-1252 leaves undefined. */
  undefinedBytes = 0
  /** Well-formed UTF-8 sequences of two bytes and more. */
  multiByteSequences = 0
  malformedSequences = 0
  firstMalformed = -1
  #awaited = 0
  #low = 0x80
  #high = 0xbf

  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte < 0x80) {
        if (this.#awaited > 0) this.#malformed(this.sizeBytes + i)
        if (isControl[byte] === 1) this.#control(byte, this.sizeBytes + i)
      } else this.#multiByte(byte, this.sizeBytes + i)
    }
    this.sizeBytes += chunk.length
  }

  /** Call after the last piece: a sequence may have been cut off. */
  end(): void {
    if (this.#awaited > 0) this.#malformed(this.sizeBytes)
  }

  #control(byte: number, offset: number): void {
    this.controlBytes++
    if (byte !== 0) return
    if (this.nulBytes++ === 0) this.firstNul = offset
  }

  #multiByte(byte: number, offset: number): void {
    this.highBytes++
    if (undefined1252.has(byte)) this.undefinedBytes++
    if (this.#awaited > 0) {
      if (byte >= this.#low && byte <= this.#high) {
        this.#low = 0x80
        this.#high = 0xbf
        if (--this.#awaited === 0) this.multiByteSequences++
        return
      }
      this.#malformed(offset)
    }
    this.#lead(byte, offset)
  }

  #lead(byte: number, offset: number): void {
    if (byte >= 0xc2 && byte <= 0xdf) this.#awaited = 1
    else if (byte >= 0xe0 && byte <= 0xef) this.#awaited = 2
    else if (byte >= 0xf0 && byte <= 0xf4) this.#awaited = 3
    else return this.#malformed(offset)
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
  }

  #malformed(offset: number): void {
    if (this.malformedSequences++ === 0) this.firstMalformed = offset
    this.#awaited = 0
    this.#low = 0x80
    this.#high = 0xbf
  }
}

/** Counts over a text that comes in pieces; pieces must not cut surrogate pairs. */
export class TextCounts {
  /** UTF-16 units. */
  characters = 0
  #newlines = 0
  #endsInNewline = true
  #distinct = 0
  readonly #seen = new Uint8Array(0x10000)
  /** Beyond the first plane; few texts have any. */
  readonly #seenBeyond = new Set<number>()

  push(text: string): void {
    if (text === '') return
    this.characters += text.length
    this.#endsInNewline = text.endsWith('\n')
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i)
      if (code >= 0xd800 && code < 0xdc00) {
        code = text.codePointAt(i)!
        if (code > 0xffff) i++
      }
      if (code === 10) this.#newlines++
      if (code > 0xffff) this.#seenBeyond.add(code)
      else if (this.#seen[code] === 0) {
        this.#seen[code] = 1
        this.#distinct++
      }
    }
  }

  get lines(): number {
    return this.#newlines + (this.#endsInNewline ? 0 : 1)
  }

  get distinctCharacters(): number {
    return this.#distinct + this.#seenBeyond.size
  }
}

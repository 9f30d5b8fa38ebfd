/** Line ends are held back no further than this, so that a file of nothing else needs no memory. */
const maxHeld = 65536

/**
 * Joins records and files into one text: line ends at the end of one are replaced by a blank line before the next.
 * The last one, and so a single file, keeps its own ending.
 */
export class TextJoiner {
  #heldNewlines = 0
  #hasText = false
  #isBreakDue = false

  /** The next text belongs to another record. */
  breakRecord(): void {
    this.#isBreakDue = this.#hasText
  }

  push(text: string): string {
    if (text === '') return ''
    let end = text.length
    while (end > 0 && text.charCodeAt(end - 1) === 10) end--
    const trailing = text.length - end
    if (end === 0 && !this.#isBreakDue) {
      const flushed = Math.max(0, this.#heldNewlines + trailing - maxHeld)
      this.#heldNewlines += trailing - flushed
      return '\n'.repeat(flushed)
    }
    const before = this.#isBreakDue ? '\n\n' : '\n'.repeat(this.#heldNewlines)
    this.#isBreakDue = false
    this.#heldNewlines = trailing
    this.#hasText = true
    return before + (trailing === 0 ? text : text.slice(0, end))
  }

  end(): string {
    return '\n'.repeat(this.#heldNewlines)
  }
}

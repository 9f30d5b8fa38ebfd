import { DataError } from '../../core/errors.ts'
import type { Notify } from './notice.ts'

const plurals = { line: 'lines', row: 'rows', entry: 'entries' } as const

/** Keeps account of records that could not be used: a few are a warning, more than a person allows an error. */
export class SkippedRecords {
  readonly #name: string
  /** What a record is called. */
  readonly #unit: keyof typeof plurals
  readonly #examples: string[] = []
  #skipped = 0
  #used = 0

  constructor(name: string, unit: keyof typeof plurals) {
    this.#name = name
    this.#unit = unit
  }

  use(): void {
    this.#used++
  }

  skip(position: number, why: string): void {
    this.#skipped++
    if (this.#examples.length < 3) this.#examples.push(`${this.#unit} ${position}: ${why}`)
  }

  /**
   * Call at the end of the file.
   * @param mostBroken share that may be left out
   */
  report({ notify, mostBroken }: { readonly notify: Notify; readonly mostBroken: number }): void {
    if (this.#skipped === 0) return
    const total = this.#skipped + this.#used
    const message = `${this.#name}: ${this.#skipped} of ${total} ${plurals[this.#unit]} hold no text that could be read (${this.#examples.join('; ')})`
    if (this.#skipped <= mostBroken * total) return notify('warning', `${message}. They were left out.`)
    throw new DataError(`${message}; nothing was stored`, {
      code: 'broken-records',
      remedy: `Correct the ${plurals[this.#unit]} named, allow more to be left out (“Read differently”, --most-broken), or rename the file to .txt to take it as plain text.`,
      details: { file: this.#name, skipped: this.#skipped, total },
    })
  }
}

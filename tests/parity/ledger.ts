import { Unsupported } from './unsupported.ts'
import { malformed, type Json, type JsonRecord } from './json.ts'

/**
 * A record of a golden case that remembers what was read, so that a parameter or an expected value that a mapping
 * overlooks makes the case unsupported instead of passing for right.
 */
export class Ledger {
  readonly #record: JsonRecord
  readonly #where: string
  readonly #taken = new Set<string>()

  /** @param words names of fields for people, which say nothing that a check would have to read */
  constructor(record: JsonRecord, where: string, words: readonly string[] = []) {
    this.#record = record
    this.#where = where
    words.forEach((name) => this.#taken.add(name))
  }

  get names(): string[] {
    return Object.keys(this.#record)
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#record, name)
  }

  /** Looks without counting it as read. */
  peek(name: string): Json | undefined {
    return this.has(name) ? this.#record[name] : undefined
  }

  /** Undefined where there is none. */
  takeIfThere(name: string): Json | undefined {
    if (!this.has(name)) return undefined
    this.#taken.add(name)
    return this.#record[name]
  }

  /** Throws `malformed-golden` where there is none. */
  take(name: string): Json {
    const value = this.takeIfThere(name)
    if (value === undefined) throw malformed(this.where(name), 'there', undefined)
    return value
  }

  where(name: string): string {
    return this.#where === '' ? name : `${this.#where}.${name}`
  }

  /** Throws Unsupported. */
  refuseUntouched(): void {
    const { untouched } = this
    if (untouched.length > 0) throw new Unsupported(`${untouched.join(', ')} is not mapped`)
  }

  get untouched(): string[] {
    return this.names.filter((name) => !this.#taken.has(name)).map((name) => this.where(name))
  }
}

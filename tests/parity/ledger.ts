import { malformed, type Json, type JsonRecord } from './json.ts'

/**
 * A record of a golden case that remembers what was read, so that a parameter or an expected value that a mapping
 * overlooks makes the case unsupported instead of passing for right.
 */
export class Ledger {
  readonly #record: JsonRecord
  readonly #where: string
  readonly #taken = new Set<string>()

  constructor(record: JsonRecord, where: string) {
    this.#record = record
    this.#where = where
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
    return `${this.#where}.${name}`
  }

  get untouched(): string[] {
    return this.names.filter((name) => !this.#taken.has(name)).map((name) => this.where(name))
  }
}

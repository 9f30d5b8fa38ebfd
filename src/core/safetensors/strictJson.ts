import { quoted, refuse } from './refuse.ts'

/** A number as it is written: `4`, `4.0` and `4e0` differ, and so do integers beyond 2^53. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Objects are maps: no name in a file can reach a prototype. */
export type JsonTree = string | boolean | null | JsonNumber | JsonTree[] | Map<string, JsonTree>

/** Deeper headers have no meaning and would only exhaust the stack. */
const maxDepth = 32
const literals: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const escapes: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * JSON (RFC 8259) that refuses what `JSON.parse` lets pass in silence: a key twice in one object, an escaped lone
 * surrogate. Throws `safetensors-header-json` with the position, or `safetensors-duplicate-key`.
 */
export function parseStrictJson(text: string): JsonTree {
  const scanner = new Scanner(text)
  const value = scanner.value(0)
  scanner.end()
  return value
}

class Scanner {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonTree {
    if (depth > maxDepth) this.#fail(`at most ${maxDepth} levels of nesting`)
    this.#skipSpace()
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#list(depth)
    if (next === '"') return this.#string()
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    return this.#number()
  }

  end(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail('nothing but spaces after the object')
  }

  #object(depth: number): Map<string, JsonTree> {
    const entries = new Map<string, JsonTree>()
    this.#at++
    if (this.#take('}')) return entries
    do {
      this.#skipSpace()
      const key = this.#string()
      if (entries.has(key)) {
        refuse('duplicate-key', `header: a name may occur once, got ${quoted(key)} twice`, { key })
      }
      if (!this.#take(':')) this.#fail('a colon after a name')
      entries.set(key, this.value(depth + 1))
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail('a comma or } after a value')
    return entries
  }

  #list(depth: number): JsonTree[] {
    const items: JsonTree[] = []
    this.#at++
    if (this.#take(']')) return items
    do items.push(this.value(depth + 1))
    while (this.#take(','))
    if (!this.#take(']')) this.#fail('a comma or ] after a value')
    return items
  }

  #string(): string {
    const text = this.#text
    if (text[this.#at] !== '"') this.#fail('a quoted string')
    let begin = ++this.#at
    let out = ''
    let hasUnicodeEscape = false
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (!(code >= 0x20)) this.#fail('no control character or end of text inside a string')
      if (code === 0x22) break
      if (code !== 0x5c) {
        this.#at++
        continue
      }
      out += text.slice(begin, this.#at)
      const letter = text[++this.#at] ?? ''
      if (letter === 'u') {
        out += this.#unicodeEscape()
        hasUnicodeEscape = true
      } else {
        out += Object.hasOwn(escapes, letter) ? escapes[letter] : this.#fail('a known escape after \\')
        this.#at++
      }
      begin = this.#at
    }
    out += text.slice(begin, this.#at++)
    if (hasUnicodeEscape && /\p{Surrogate}/u.test(out)) this.#fail('no lone surrogate in a string')
    return out
  }

  #unicodeEscape(): string {
    const digits = this.#text.slice(this.#at + 1, this.#at + 5)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('four hexadecimal digits after \\u')
    this.#at += 5
    return String.fromCharCode(parseInt(digits, 16))
  }

  #number(): JsonNumber {
    const begin = this.#at
    while (/^[-+.0-9eE]$/.test(this.#text[this.#at] ?? '')) this.#at++
    const text = this.#text.slice(begin, this.#at)
    if (text.length > 400 || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
      this.#at = begin
      this.#fail('a JSON value')
    }
    return new JsonNumber(text)
  }

  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skipSpace(): void {
    const text = this.#text
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #fail(rule: string): never {
    const got = this.#text.slice(this.#at, this.#at + 20)
    const at = this.#at
    return refuse(
      'header-json',
      `header: expected ${rule} at character ${at}, got ${got === '' ? 'the end' : quoted(got)}`,
      {
        at,
      },
    )
  }
}

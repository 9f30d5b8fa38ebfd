import { parseArgs } from 'node:util'
import { ConfigError } from '../core/errors.ts'
import { nearestName } from '../core/schema.ts'

export interface FlagSpec {
  /** A path is a text that is not empty: `--out "$UNSET"` must not mean the current folder. */
  readonly type: 'text' | 'path' | 'int' | 'number' | 'bool' | 'choice'
  /** Allowed values of a choice. */
  readonly options?: readonly string[]
  /** Bounds of an int or number, both ends included. */
  readonly min?: number
  readonly max?: number
  /** May be given several times; its value is a list. */
  readonly isMultiple?: boolean
}
export type FlagSpecs = Readonly<Record<string, FlagSpec>>

type FlagValue<S extends FlagSpec> = S extends { type: 'int' | 'number' }
  ? number
  : S extends { type: 'bool' }
    ? boolean
    : S extends { type: 'choice'; options: readonly (infer O)[] }
      ? O
      : string
type FlagResult<S extends FlagSpec> = S extends { isMultiple: true }
  ? FlagValue<S>[]
  : S extends { type: 'bool' }
    ? boolean
    : FlagValue<S> | null
export interface CommandLine<Specs extends FlagSpecs> {
  /** By name: null (false for a bool, [] for a multiple one) where the flag was not given. */
  readonly flags: { readonly [Name in keyof Specs]: FlagResult<Specs[Name]> }
  readonly words: readonly string[]
}

/**
 * Reads `--name value`, `--name=value`, `--switch` and plain words. Throws ConfigError `bad-arguments` for an unknown
 * flag (with the nearest one), a missing or repeated value, a value of the wrong kind or out of bounds, and a number of
 * words outside of `minWords..maxWords`.
 */
export function parseCommandLine<const Specs extends FlagSpecs>(
  args: readonly string[],
  options: { flags: Specs; minWords?: number; maxWords?: number },
): CommandLine<Specs> {
  const { flags: specs, minWords = 0, maxWords = 0 } = options
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        { type: spec.type === 'bool' ? ('boolean' as const) : ('string' as const), multiple: true },
      ]),
    ),
    strict: false,
    tokens: true,
  })
  const given = new Map<string, (string | number | boolean)[]>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (!spec) throw unknownFlag(token.rawName, Object.keys(specs))
    const values = given.get(token.name) ?? []
    if (values.length > 0 && !spec.isMultiple) throw badArguments(`--${token.name}: may be given once`)
    values.push(readValue(token.name, spec, token.value, token.inlineValue === true))
    given.set(token.name, values)
  }
  checkWords(words, minWords, maxWords)
  const flags = Object.fromEntries(
    Object.entries(specs).map(([name, spec]): [string, unknown] => {
      const values = given.get(name)
      if (spec.isMultiple) return [name, values ?? []]
      return [name, values?.[0] ?? (spec.type === 'bool' ? false : null)]
    }),
  )
  return { flags: flags as CommandLine<Specs>['flags'], words }
}

function checkWords(words: readonly string[], minWords: number, maxWords: number): void {
  if (words.length < minWords) {
    throw badArguments(`${minWords === 1 ? 'a word' : `${minWords} words`} expected, got ${words.length}`)
  }
  if (words.length > maxWords) throw badArguments(`"${words[maxWords]}" is one word too many`)
}

function readValue(
  name: string,
  spec: FlagSpec,
  text: string | undefined,
  isInline: boolean,
): string | number | boolean {
  if (spec.type === 'bool') {
    if (text !== undefined) throw badArguments(`--${name}: is a switch and takes no value, got "${text}"`)
    return true
  }
  if (text === undefined) throw badArguments(`--${name}: needs a value`)
  if (!isInline && text.startsWith('--')) {
    throw badArguments(
      `--${name}: needs a value, got the flag "${text}"`,
      `Write --${name}=${text} if it is meant.`,
    )
  }
  if (spec.type === 'choice') {
    const known = spec.options ?? []
    if (!known.includes(text))
      throw badArguments(`--${name}: must be one of ${known.join(', ')}, got "${text}"`)
    return text
  }
  if (spec.type === 'path' && text.trim() === '') throw badArguments(`--${name}: needs a path, got "${text}"`)
  return spec.type === 'text' || spec.type === 'path' ? text : readNumber(name, spec, text)
}

function readNumber(name: string, spec: FlagSpec, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text)
  const { min = -Infinity, max = Infinity } = spec
  if (!Number.isFinite(value)) throw badArguments(`--${name}: must be a number, got "${text}"`)
  if (spec.type === 'int' && !Number.isSafeInteger(value)) {
    throw badArguments(`--${name}: must be a whole number, got "${text}"`)
  }
  if (value < min) throw badArguments(`--${name}: must be at least ${min}, got ${value}`)
  if (value > max) throw badArguments(`--${name}: must be at most ${max}, got ${value}`)
  return value
}

function unknownFlag(rawName: string, known: readonly string[]): ConfigError {
  const near = nearestName(rawName.replace(/^-+/, ''), known)
  const list = known.map((name) => `--${name}`).join(', ')
  const remedy =
    near !== null ? `Did you mean --${near}?` : list === '' ? 'It takes no flags.' : `Known: ${list}.`
  return badArguments(`${rawName}: is not a flag of this command`, remedy)
}

/** What is wrong with the words after a command, and what to do. */
export function badArguments(message: string, remedy = 'See `npm run bunsen -- help`.'): ConfigError {
  return new ConfigError(`command line: ${message}`, { code: 'bad-arguments', remedy })
}

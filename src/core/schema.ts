import { isRecord } from './predicates.ts'
import { showValue } from './showValue.ts'

/**
 * Field descriptors: plain JSON from which come the TypeScript type, the defaults, validation, the form, the
 * link, the stored record and the reference page. Nothing else in the project holds a default.
 */
interface Described {
  /** Short noun phrase for the form, sentence case. */
  readonly label: string
  /** One or two sentences: what it does and when to change it. */
  readonly help: string
  /** Paper or page that explains it. */
  readonly link?: string
  /** Shown only under "more settings". */
  readonly isAdvanced?: boolean
  /** Kinds of data that it matters for; left out for all. */
  readonly dataKinds?: readonly string[]
  /** Tasks that it matters for; left out for all. */
  readonly tasks?: readonly string[]
}

export interface NumberField extends Described {
  readonly type: 'number'
  readonly default: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly scale?: 'linear' | 'log'
  readonly unit?: string
  /** May be changed while a run goes on. */
  readonly isLive?: boolean
}
export interface IntField extends Described {
  readonly type: 'int'
  readonly default: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly scale?: 'linear' | 'log'
  readonly unit?: string
  readonly isLive?: boolean
}
export interface BoolField extends Described {
  readonly type: 'bool'
  readonly default: boolean
}
export interface Choice {
  readonly value: string
  readonly label: string
  readonly help?: string
}
export interface ChoiceField extends Described {
  readonly type: 'choice'
  readonly default: string
  readonly options: readonly Choice[]
}
export interface TextField extends Described {
  readonly type: 'text'
  readonly default: string
  readonly maxLength: number
  /** A regular expression that the whole text must match, with words for the error. */
  readonly pattern?: { readonly source: string; readonly means: string }
  readonly isMultiline?: boolean
  /** What a person may choose from, where the data have such. */
  readonly suggests?: 'columns'
}
export interface GroupField extends Described {
  readonly type: 'group'
  readonly fields: Fields
}
export interface ListField extends Described {
  readonly type: 'list'
  readonly item: Field
  readonly minItems: number
  readonly maxItems: number
  /** How many default items an omitted list holds. */
  readonly defaultItems: number
}
/** A tagged union: `{[tag]: 'gpt', ...fields of gpt}`. */
export interface VariantField extends Described {
  readonly type: 'variant'
  readonly tag: string
  readonly default: string
  readonly options: readonly VariantOption[]
}
export interface VariantOption {
  readonly value: string
  readonly label: string
  readonly help: string
  readonly link?: string
  readonly dataKinds?: readonly string[]
  readonly fields: Fields
}
export type Field =
  NumberField | IntField | BoolField | ChoiceField | TextField | GroupField | ListField | VariantField
export type Fields = { readonly [name: string]: Field }

/** The TypeScript type that a descriptor describes. */
export type Infer<F> = F extends { type: 'number' | 'int' }
  ? number
  : F extends { type: 'bool' }
    ? boolean
    : F extends { type: 'choice'; options: readonly { value: infer V }[] }
      ? V
      : F extends { type: 'text' }
        ? string
        : F extends { type: 'group'; fields: infer G }
          ? InferFields<G>
          : F extends { type: 'list'; item: infer I }
            ? Infer<I>[]
            : F extends { type: 'variant'; tag: infer T extends string; options: readonly (infer O)[] }
              ? InferOption<T, O>
              : never
type InferOption<T extends string, O> = O extends { value: infer V; fields: infer G }
  ? { [K in T]: V } & InferFields<G>
  : never
export type InferFields<G> = { -readonly [K in keyof G]: Infer<G[K]> }

export type ConfigValue =
  number | boolean | string | readonly ConfigValue[] | { readonly [name: string]: ConfigValue }

export type Path = readonly (string | number)[]

export interface Issue {
  path: Path
  /** *rule, got value; remedy*, without the path. */
  message: string
}

export type ParseResult<T> = { isValid: true; value: T } | { isValid: false; issues: Issue[] }

/** `stages[0].optimizer.weightDecay` */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}

export function formatIssue(issue: Issue): string {
  const path = formatPath(issue.path)
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

/** Levenshtein distance, for "did you mean". */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + cost)
    }
    row = next
  }
  return row[b.length]!
}

/** The candidate nearest to a misspelt name, or null when none is near. */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  const short = name.slice(0, 64)
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(short.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, Math.floor(best.candidate.length / 3)) ? best.candidate : null
}

function suggestion(name: unknown, candidates: readonly string[]): string {
  const near = typeof name === 'string' ? nearestName(name, candidates) : null
  return near === null ? `known: ${candidates.slice(0, 12).join(', ')}` : `did you mean ${near}?`
}

function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value)
}

/** The value that a descriptor gives when nothing is said. */
export function defaultOf<F extends Field>(field: F): Infer<F>
export function defaultOf(field: Field): ConfigValue {
  switch (field.type) {
    case 'group':
      return defaultsOf(field.fields)
    case 'list':
      return Array.from({ length: field.defaultItems }, () => defaultOf(field.item) as ConfigValue)
    case 'variant': {
      const option = field.options.find((candidate) => candidate.value === field.default)!
      return { [field.tag]: option.value, ...defaultsOf(option.fields) }
    }
    default:
      return field.default
  }
}

export function defaultsOf(fields: Fields): Record<string, ConfigValue> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, defaultOf(field) as ConfigValue]),
  )
}

/**
 * Checks `value` against `field`. Absent parts take their defaults; unknown names, wrong types and values out of
 * range are issues with their path: never dropped, clamped or guessed. `undefined` gives the whole default.
 */
export function parse<F extends Field>(field: F, value: unknown): ParseResult<Infer<F>> {
  const issues: Issue[] = []
  const parsed = parseAt(field, value, [], issues)
  return issues.length === 0 ? { isValid: true, value: parsed as Infer<F> } : { isValid: false, issues }
}

function parseAt(field: Field, value: unknown, path: Path, issues: Issue[]): ConfigValue {
  if (value === undefined) return defaultOf(field)
  const fail = (message: string): ConfigValue => {
    issues.push({ path, message })
    return defaultOf(field)
  }
  switch (field.type) {
    case 'number':
    case 'int': {
      if (typeof value !== 'number' || !Number.isFinite(value))
        return fail(`must be a number, got ${showValue(value)}`)
      if (field.type === 'int' && !Number.isInteger(value))
        return fail(`must be a whole number, got ${value}`)
      if (value < field.min || value > field.max) {
        return fail(
          `must be between ${field.min} and ${field.max}${field.unit ? ` ${field.unit}` : ''}, got ${value}`,
        )
      }
      return value === 0 ? 0 : value // -0 and 0 must give one link
    }
    case 'bool':
      return typeof value === 'boolean' ? value : fail(`must be true or false, got ${showValue(value)}`)
    case 'choice': {
      const values = field.options.map((option) => option.value)
      if (typeof value === 'string' && values.includes(value)) return value
      return fail(
        `must be one of ${values.join(', ')}, got ${showValue(value)}; ${suggestion(value, values)}`,
      )
    }
    case 'text': {
      if (typeof value !== 'string') return fail(`must be text, got ${showValue(value)}`)
      if (value.length > field.maxLength) {
        return fail(`must be at most ${field.maxLength} characters, got ${value.length}`)
      }
      if (field.pattern && !new RegExp(`^(?:${field.pattern.source})$`, 'u').test(value)) {
        return fail(`must be ${field.pattern.means}, got ${showValue(value)}`)
      }
      return value
    }
    case 'group':
      return isRecord(value)
        ? parseFields(field.fields, value, path, issues, [])
        : fail(`must be a group of settings, got ${showValue(value)}`)
    case 'list': {
      if (!Array.isArray(value)) return fail(`must be a list, got ${showValue(value)}`)
      if (value.length < field.minItems || value.length > field.maxItems) {
        return fail(`must have ${field.minItems} to ${field.maxItems} entries, got ${value.length}`)
      }
      return value.map((item, i) => parseAt(field.item, item ?? undefined, [...path, i], issues))
    }
    case 'variant': {
      if (!isRecord(value))
        return fail(`must be a group of settings with "${field.tag}", got ${showValue(value)}`)
      const tag = Object.hasOwn(value, field.tag) ? value[field.tag] : field.default
      const option = field.options.find((candidate) => candidate.value === tag)
      if (!option) {
        const known = field.options.map((candidate) => candidate.value)
        issues.push({
          path: [...path, field.tag],
          message: `must be one of ${known.join(', ')}, got ${showValue(tag)}; ${suggestion(tag, known)}`,
        })
        return defaultOf(field)
      }
      return { [field.tag]: option.value, ...parseFields(option.fields, value, path, issues, [field.tag]) }
    }
  }
}

function parseFields(
  fields: Fields,
  value: Record<string, unknown>,
  path: Path,
  issues: Issue[],
  alsoKnown: readonly string[],
): Record<string, ConfigValue> {
  const known = [...alsoKnown, ...Object.keys(fields)]
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      issues.push({
        path: [...path, name.slice(0, 64)],
        message: `is not a setting; ${suggestion(name, known)}`,
      })
    }
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      parseAt(field, Object.hasOwn(value, name) ? value[name] : undefined, [...path, name], issues),
    ]),
  )
}

/**
 * The part of a parsed `value` that differs from the defaults, `undefined` when nothing does. A variant whose tag
 * differs keeps its tag and is compared with the defaults of that option. A list is kept whole, item by item as a
 * difference from the default item, once its length or any item differs.
 */
export function diffFromDefaults(field: Field, value: ConfigValue): ConfigValue | undefined {
  switch (field.type) {
    case 'group':
      return diffFields(field.fields, value as Record<string, ConfigValue>)
    case 'variant': {
      const record = value as Record<string, ConfigValue>
      const option = field.options.find((candidate) => candidate.value === record[field.tag])!
      const rest = diffFields(option.fields, record)
      if (option.value === field.default) return rest
      return { [field.tag]: option.value, ...(rest as object | undefined) }
    }
    case 'list': {
      const items = value as readonly ConfigValue[]
      const diffs = items.map((item) => diffFromDefaults(field.item, item))
      if (items.length === field.defaultItems && diffs.every((diff) => diff === undefined)) return undefined
      return diffs.map((diff, i) => diff ?? emptyDiff(field.item, items[i]!))
    }
    default:
      return value === field.default ? undefined : value
  }
}

/** JSON has no `undefined` in lists: a default item is `{}` where its kind allows that, else itself. */
function emptyDiff(item: Field, value: ConfigValue): ConfigValue {
  return item.type === 'group' || item.type === 'variant' ? {} : value
}

function diffFields(fields: Fields, value: Record<string, ConfigValue>): ConfigValue | undefined {
  const entries = Object.entries(fields)
    .map(([name, field]) => [name, diffFromDefaults(field, value[name]!)] as const)
    .filter((entry): entry is readonly [string, ConfigValue] => entry[1] !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** The descriptor at a path of a value; follows the value's own variant tags. `null` when there is none. */
export function fieldAt(root: Field, value: ConfigValue, path: Path): Field | null {
  let field: Field | null = root
  let here: ConfigValue | undefined = value
  for (const part of path) {
    if (field === null) return null
    if (field.type === 'group') field = field.fields[String(part)] ?? null
    else if (field.type === 'list') field = typeof part === 'number' ? field.item : null
    else if (field.type === 'variant') {
      const record = here as Record<string, ConfigValue>
      const tag: ConfigValue | undefined = record[field.tag]
      const option: VariantOption | undefined = field.options.find((candidate) => candidate.value === tag)
      field = option?.fields[String(part)] ?? null
    } else return null
    here = (here as Record<string | number, ConfigValue> | undefined)?.[part]
  }
  return field
}

export function valueAt(value: ConfigValue, path: Path): ConfigValue | undefined {
  return path.reduce<ConfigValue | undefined>(
    (here, part) => (here as Record<string | number, ConfigValue> | undefined)?.[part],
    value,
  )
}

/** A copy of `value` with the part at `path` replaced; the original is untouched. */
export function withValueAt(value: ConfigValue, path: Path, next: ConfigValue): ConfigValue {
  if (path.length === 0) return next
  const [head, ...rest] = path as [string | number, ...(string | number)[]]
  if (isList(value)) return value.map((item, i) => (i === head ? withValueAt(item, rest, next) : item))
  const record = value as Record<string, ConfigValue>
  return { ...record, [head]: withValueAt(record[head] ?? {}, rest, next) }
}

/** Freezes a plain value and all within it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

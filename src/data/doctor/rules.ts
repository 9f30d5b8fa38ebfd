import { ConfigError } from '../../core/errors.ts'
import { nearestName } from '../../core/schema.ts'
import { showValue } from '../../core/showValue.ts'

/** What must hold of a column. Cells that are missing break `notMissing` alone. */
export interface ColumnRule {
  readonly column: string
  /** Whether the column must be there. */
  readonly required: boolean
  /** No cell is missing. */
  readonly notMissing: boolean
  /** No value comes twice. */
  readonly unique: boolean
  /** Bounds, both included; null for none. What is no number breaks them. */
  readonly min: number | null
  readonly max: number | null
  /** The only values there may be; null for any. */
  readonly values: readonly string[] | null
}

/** What a user demands of a table, a column each. Plain JSON. */
export type Rules = readonly ColumnRule[]

const flags = ['required', 'notMissing', 'unique'] as const
const bounds = ['min', 'max'] as const
const names = [...flags, ...bounds, 'values']
const remedy =
  'As in {"columns": {"age": {"min": 0, "max": 120, "notMissing": true}, "kind": {"values": ["a", "b"]}, "id": {"unique": true}}}.'

/** Rules as people write them. Throws ConfigError `rules` that says which is wrong. */
export function parseRules(text: string): Rules {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw wrong(`must be JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { columns, ...others } = recordOf(json, '')
  const [other] = Object.keys(others)
  if (other !== undefined) throw wrong(`there is no ${showValue(other)} beside "columns"`)
  const rules = Object.entries(recordOf(columns, 'columns')).map(([column, rule]) => ruleOf(column, rule))
  if (rules.length === 0) throw wrong('columns: must name at least one column, got none')
  return rules
}

function ruleOf(column: string, value: unknown): ColumnRule {
  const path = `columns.${showValue(column)}`
  const rule = recordOf(value, path)
  for (const name of Object.keys(rule)) {
    if (names.includes(name)) continue
    const near = nearestName(name, names)
    throw wrong(
      `${path}: there is no rule ${showValue(name)}, but ${names.join(', ')}`,
      near === null ? remedy : `Did you mean ${near}?`,
    )
  }
  const flag = (name: (typeof flags)[number], standard: boolean) => {
    const own = rule[name] ?? standard
    if (typeof own !== 'boolean') throw wrong(`${path}.${name}: must be true or false, got ${showValue(own)}`)
    return own
  }
  const bound = (name: (typeof bounds)[number]) => {
    const own = rule[name] ?? null
    if (own !== null && !(typeof own === 'number' && Number.isFinite(own)))
      throw wrong(`${path}.${name}: must be a number, got ${showValue(own)}`)
    return own
  }
  const [min, max] = [bound('min'), bound('max')]
  if (min !== null && max !== null && min > max)
    throw wrong(`${path}: min must not be over max, got ${min} and ${max}`)
  return {
    column,
    required: flag('required', true),
    notMissing: flag('notMissing', false),
    unique: flag('unique', false),
    min,
    max,
    values: valuesOf(rule['values'], `${path}.values`),
  }
}

function valuesOf(value: unknown, path: string): readonly string[] | null {
  if (value === undefined || value === null) return null
  if (!Array.isArray(value) || value.length === 0)
    throw wrong(`${path}: must be a list of at least one value, got ${showValue(value)}`)
  return value.map((entry: unknown, i) => {
    if (typeof entry === 'string') return entry.trim()
    if (typeof entry === 'number' || typeof entry === 'boolean') return String(entry)
    throw wrong(`${path}[${i}]: must be a text or a number, got ${showValue(entry)}`)
  })
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw wrong(`${path === '' ? '' : `${path}: `}must be an object, got ${showValue(value)}`)
}

function wrong(what: string, help = remedy): ConfigError {
  return new ConfigError(`Rules: ${what}`, { code: 'rules', remedy: help })
}

import { DataError } from '../../src/core/errors.ts'
import { showValue } from '../../src/core/showValue.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonRecord
export type JsonRecord = { readonly [name: string]: Json }

export function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const code = 'malformed-golden'

export function isMalformed(error: unknown): boolean {
  return error instanceof DataError && error.code === code
}

/** What a golden file must hold and does not: `malformed-golden`. */
export function malformed(where: string, rule: string, got: unknown): DataError {
  return new DataError(`${where}: must be ${rule}, got ${showValue(got)}`, {
    code,
    remedy: 'Write the file as goldens/README.md says.',
  })
}

export function asRecord(value: Json | undefined, where: string): JsonRecord {
  if (isRecord(value)) return value
  throw malformed(where, 'an object', value)
}

export function asList(value: Json | undefined, where: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  throw malformed(where, 'a list', value)
}

export function asText(value: Json | undefined, where: string): string {
  if (typeof value === 'string') return value
  throw malformed(where, 'a text', value)
}

const spelled: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }

/** JSON has no NaN, infinities and negative zero: files spell them as strings. */
export function asNumber(value: Json | undefined, where: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && Object.hasOwn(spelled, value)) return spelled[value]!
  throw malformed(where, 'a number', value)
}

export function asNumbers(value: Json | undefined, where: string): number[] {
  return asList(value, where).map((item, i) => asNumber(item, `${where}[${i}]`))
}

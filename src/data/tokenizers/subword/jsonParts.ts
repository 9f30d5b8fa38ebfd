import { DataError } from '../../../core/errors.ts'
import { showValue } from '../../../core/showValue.ts'
import { badTokenizer } from '../defineTokenizer.ts'

export type Json = Readonly<Record<string, unknown>>

export function record(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw broken(`${where} must be an object`, value)
  return value as Json
}

export function flag(value: unknown, unset: boolean, where: string): boolean {
  const got = value ?? unset
  if (typeof got !== 'boolean') throw broken(`${where} must be true or false`, value)
  return got
}

export function text(value: unknown, unset: string, where: string): string {
  const got = value ?? unset
  if (typeof got !== 'string') throw broken(`${where} must be a text`, value)
  return got
}

export function broken(rule: string, got: unknown): DataError {
  return badTokenizer('tokenizer.json', rule, got)
}

export function unsupported(part: string, got: unknown, remedy: string): DataError {
  return new DataError(`tokenizer.json: ${part} is of a kind that is not read, got ${showValue(got)}`, {
    code: 'tokenizer-unsupported',
    remedy,
    details: { part },
  })
}

export const otherTokenizer = 'Take another tokenizer, or train one on your own text.'

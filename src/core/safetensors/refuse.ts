import { DataError } from '../errors.ts'

const remedy =
  'The file is damaged or was not written by a correct safetensors library: get it again, or save it anew.'

/** Throws the refusal of a safetensors file: one code a cause, the values in the message. */
export function refuse(
  code: string,
  message: string,
  details: Record<string, string | number> = {},
  advice: string = remedy,
): never {
  throw new DataError(`safetensors: ${message}`, { code: `safetensors-${code}`, remedy: advice, details })
}

/** A name from a file as it may stand in a message: quoted, control characters escaped, at most 80 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text)
}

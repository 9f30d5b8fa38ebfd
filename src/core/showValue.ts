const maxLength = 60

/**
 * An unknown value in a few words, for the message of an error. Never throws and never looks inside: what a hostile
 * file nests a hundred thousand deep would exhaust the stack of `JSON.stringify`, and `String` calls its methods.
 */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  // JSON has no infinities: it would show 1e999 as null.
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, maxLength + 1)) : String(value)
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}…` : text
}

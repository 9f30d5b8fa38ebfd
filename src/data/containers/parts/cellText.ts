/**
 * A value of a typed table as the text of a cell: whole numbers to the last digit, floats as short as they can be read back,
 * lists and groups as JSON, bytes as text where they are UTF-8, else as base64. Missing ones are empty.
 */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  if (value instanceof Uint8Array) return bytesText(value)
  if (typeof value !== 'object') return String(value) // number, bigint, boolean
  return JSON.stringify(value, (_key, inner: unknown) => plain(inner)) ?? ''
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Uint8Array) return bytesText(value)
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value
}

/** Older programs write texts as bytes without saying so. */
function bytesText(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!/[^\P{Cc}\t\n\r]/u.test(text)) return text
  } catch {
    return base64(bytes)
  }
  return base64(bytes)
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 32768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32768))
  return btoa(text)
}

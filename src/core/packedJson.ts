import { deflateSync, inflateSync } from 'fflate'
import { canonicalJson } from './canonicalJson.ts'
import { crc32 } from './crc32.ts'
import { ConfigError } from './errors.ts'

/**
 * What a link holds: base64url( version byte, CRC-32 of the rest, deflate-raw( canonical JSON ) ). fflate rather than
 * CompressionStream, because its output is the same in every browser: equal values must give equal links.
 */
const linkVersion = 1
export const maxEncodedLength = 8192
const maxDecodedBytes = 65536

export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  } catch {
    return null
  }
}

export function packJson(value: unknown): string {
  const body = deflateSync(new TextEncoder().encode(canonicalJson(value)), { level: 9 })
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = linkVersion
  new DataView(bytes.buffer).setUint32(1, crc32(body))
  bytes.set(body, 5)
  return toBase64Url(bytes)
}

/** The value that a link holds, not yet validated. Throws a `ConfigError` whose code says what is wrong with it. */
export function unpackJson(text: string): unknown {
  const refuse = (code: string, message: string, remedy: string) =>
    new ConfigError(`Share link: ${message}`, { code, remedy })
  const whole =
    'Ask for the link again; it may have been cut off when it was copied. Your own settings were kept.'
  if (text.length > maxEncodedLength) {
    throw refuse('link-too-long', `must be at most ${maxEncodedLength} characters, got ${text.length}`, whole)
  }
  const bytes = fromBase64Url(text)
  if (!bytes || bytes.length < 6)
    throw refuse('link-broken', `is not base64url of at least 6 bytes, got ${text.length} characters`, whole)
  if (bytes[0] !== linkVersion) {
    throw refuse(
      'link-version',
      `has format ${bytes[0]}, this Bunsen reads format ${linkVersion}`,
      'Reload the page to update Bunsen. Your own settings were kept.',
    )
  }
  const body = bytes.subarray(5)
  const expected = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  if (crc32(body) !== expected) throw refuse('link-checksum', 'its checksum does not match', whole)
  let json: Uint8Array
  try {
    json = inflateSync(body)
  } catch (cause) {
    throw refuse('link-broken', `its content cannot be decompressed (${String(cause)})`, whole)
  }
  if (json.length > maxDecodedBytes) {
    throw refuse(
      'link-too-large',
      `its content must be at most ${maxDecodedBytes} bytes, got ${json.length}`,
      'Do not trust where it came from. Your own settings were kept.',
    )
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    throw refuse('link-broken', `its content is not JSON (${String(cause)})`, whole)
  }
}

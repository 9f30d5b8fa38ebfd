import { DataError } from '../../core/errors.ts'
import type { TextEncoding } from './encoding.ts'

/** Line ends of every kind as `\n`. */
export function normaliseNewlines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/**
 * Bytes to text without byte order mark and with `\n` line ends. Pieces never end inside a character or between
 * `\r` and `\n`. Bytes that are no characters read as U+FFFD. Throws `binary-file` at a zero character.
 */
export async function* decodeText(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  encoding: TextEncoding,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder(encoding)
  let held = ''
  for await (const chunk of chunks) {
    let text = held + decoder.decode(chunk, { stream: true })
    held = text.endsWith('\r') ? '\r' : ''
    if (held !== '') text = text.slice(0, -1)
    if (text !== '') yield normaliseNewlines(refuseZero(name, text))
  }
  const rest = held + decoder.decode()
  if (rest !== '') yield normaliseNewlines(refuseZero(name, rest))
}

function refuseZero(name: string, text: string): string {
  if (!text.includes('\0')) return text
  throw new DataError(
    `${name}: must be text, got a zero character: it looks like a binary file; nothing was stored`,
    {
      code: 'binary-file',
      remedy: 'Drop plain text, Markdown, JSON lines, JSON or CSV.',
      details: { file: name },
    },
  )
}

/** Stored or bundled UTF-8 as text; it was checked when it was stored. */
export async function* utf8Text(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true })
    if (text !== '') yield text
  }
  const rest = decoder.decode()
  if (rest !== '') yield rest
}

import { DataError } from '../../core/errors.ts'
import type { Reading } from '../../core/reading.ts'
import type { ByteScan } from './byteScan.ts'

export type TextEncoding = Exclude<Reading['encoding'], 'auto'>

export interface EncodingDecision {
  readonly encoding: TextEncoding
  /** What a person should know about it; null when there is nothing to say. */
  readonly notice: { readonly level: 'info' | 'warning'; readonly message: string } | null
}

const saveAsUtf8 = 'Save it as UTF-8 in a text editor and drop it again.'

/** What the first bytes alone tell: a byte order mark, or the zeros that UTF-16 leaves between Latin letters. */
export function encodingOfHead(name: string, head: Uint8Array): TextEncoding | null {
  if (head[0] === 0xff && head[1] === 0xfe && head[2] === 0 && head[3] === 0 && head.length >= 4)
    throw utf32(name)
  if (head[0] === 0 && head[1] === 0 && head[2] === 0xfe && head[3] === 0xff) throw utf32(name)
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return encodingByZeros(head)
}

/**
 * UTF-16 without a mark. Text in one alphabet has nearly the same high byte everywhere, and zeros there (Latin
 * letters, spaces) but hardly ever in the low bytes; and it is readable once decoded.
 */
function encodingByZeros(head: Uint8Array): TextEncoding | null {
  const pairs = Math.ceil(head.length / 2)
  const counts = [new Uint32Array(256), new Uint32Array(256)] as const
  for (let i = 0; i < head.length; i++) counts[(i & 1) as 0 | 1][head[i]!]!++
  const isHighByte = (own: Uint32Array, other: Uint32Array) =>
    own[0]! > other[0]! * 10 && own[0]! + Math.max(...own.subarray(1)) >= pairs * 0.8
  const [even, odd] = counts
  const encoding = isHighByte(odd, even) ? 'utf-16le' : isHighByte(even, odd) ? 'utf-16be' : null
  if (encoding === null) return null
  const text = new TextDecoder(encoding).decode(head.subarray(0, head.length & ~1))
  const unreadable = text.match(/[^\P{Cc}\t\n\r\f\x1b]|\p{Cs}|\p{Cn}|\uFFFD/gu)?.length ?? 0
  return unreadable <= text.length / 100 ? encoding : null
}

/**
 * The encoding of a file that was scanned to its end. Throws `binary-file` or `unknown-encoding` with what to do.
 * UTF-8 with a few damaged bytes stays UTF-8: reading it as anything else would garble all that is well.
 */
export function decideEncoding(name: string, head: Uint8Array, scan: ByteScan): EncodingDecision {
  const marked = encodingOfHead(name, head)
  if (marked === 'utf-16le' || marked === 'utf-16be') {
    const cut =
      scan.sizeBytes % 2 === 1
        ? {
            level: 'warning' as const,
            message: `${name}: ends in the middle of a character; it may be cut off.`,
          }
        : null
    return { encoding: marked, notice: cut }
  }
  refuseBinary(name, scan)
  if (scan.malformedSequences === 0) return { encoding: 'utf-8', notice: null }
  if (marked === 'utf-8' || scan.malformedSequences * 10 <= scan.multiByteSequences) {
    const message = `${name}: ${scan.malformedSequences} places are not valid UTF-8 (the first at byte ${scan.firstMalformed}); they read as \uFFFD.`
    return { encoding: 'utf-8', notice: { level: 'warning', message } }
  }
  const isPlausible = scan.undefinedBytes === 0 && scan.highBytes <= scan.sizeBytes * 0.3
  if (!isPlausible) {
    throw new DataError(
      `${name}: must be UTF-8, UTF-16 or Windows-1252 text, got bytes that are none of them (the first at byte ${scan.firstMalformed}); nothing was stored`,
      {
        code: 'unknown-encoding',
        remedy: `Say which encoding it is under “Read differently” (--encoding). Or: ${saveAsUtf8}`,
        details: { file: name, offset: scan.firstMalformed },
      },
    )
  }
  const message = `${name}: is not UTF-8 and was read as Windows-1252. If letters with accents look wrong, save it as UTF-8 and drop it again.`
  return { encoding: 'windows-1252', notice: { level: 'warning', message } }
}

function refuseBinary(name: string, scan: ByteScan): void {
  if (scan.nulBytes === 0 && scan.controlBytes <= scan.sizeBytes / 100) return
  const got =
    scan.nulBytes > 0
      ? `a zero byte at ${scan.firstNul}`
      : `${scan.controlBytes} control characters in ${scan.sizeBytes} bytes`
  throw new DataError(`${name}: must be text, got ${got}: it looks like a binary file; nothing was stored`, {
    code: 'binary-file',
    remedy: 'Drop plain text, Markdown, JSON lines, JSON or CSV.',
    details: { file: name },
  })
}

function utf32(name: string): DataError {
  return new DataError(`${name}: must be UTF-8 or UTF-16, got UTF-32; nothing was stored`, {
    code: 'unknown-encoding',
    remedy: saveAsUtf8,
    details: { file: name },
  })
}

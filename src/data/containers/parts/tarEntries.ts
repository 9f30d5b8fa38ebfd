import { brokenArchive } from '../defineContainer.ts'
import { mostEntries, tooMany } from './checkContents.ts'
import type { Read } from './windowed.ts'

/** One member of a tar archive. */
export interface TarEntry {
  /** Without `.` and empty parts. */
  readonly path: string
  /** `other` is a link, a device, or a file with holes. */
  readonly kind: 'file' | 'folder' | 'other'
  /** Where its content begins. */
  readonly offset: number
  readonly sizeBytes: number
}

const blockBytes = 512
/** Extended headers hold a path and the like; a longer one is a mistake, or an attack. */
const mostHeaderBytes = 1 << 20

const paddedTo = (sizeBytes: number) => Math.ceil(sizeBytes / blockBytes) * blockBytes

/** Whether a block is a header: the sum of its bytes, that of the sum itself taken as blanks, is the one it says. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < blockBytes || block[0] === 0) return false
  const said = /^[ 0]*([0-7]{1,7})[ \0]/.exec(lettersOf(block, 148, 8))?.[1]
  if (said === undefined) return false
  let sum = 0
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!
  return sum === Number.parseInt(said, 8)
}

/**
 * The members of a tar archive: ustar (POSIX.1-1988), pax (POSIX.1-2001) and the long names of GNU tar. Only headers are
 * read. Throws `broken-archive` where it is not whole, or a member points outside of the file.
 */
export async function readTarEntries(
  name: string,
  { slice, sizeBytes: fileBytes }: { slice: Read; sizeBytes: number },
): Promise<TarEntry[]> {
  const fail = (why: string) => brokenArchive(name, 'the tar archive', why)
  const entries: TarEntry[] = []
  /** Of the next member, and of all that follow. */
  let own = new Map<string, string>()
  const all = new Map<string, string>()
  for (let at = 0; ;) {
    if (at + blockBytes > fileBytes) throw fail('it was cut off')
    const block = await slice(at, at + blockBytes)
    if (block.every((byte) => byte === 0)) return entries
    if (!isTarHeader(block)) throw fail(`there is no header at byte ${at}`)
    const told = (key: string) => own.get(key) ?? all.get(key)
    const sizeBytes = told('size') === undefined ? numberIn(block, 124, 12) : Number(told('size'))
    const offset = at + blockBytes
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw fail('a size in it is no number')
    if (offset + sizeBytes > fileBytes) throw fail('it was cut off, or a member lies outside of the file')
    at = offset + paddedTo(sizeBytes)
    const type = lettersOf(block, 156, 1)
    if ('xgLK'.includes(type)) {
      if (sizeBytes > mostHeaderBytes) throw fail(`a header in it claims ${sizeBytes} bytes`)
      const content = await slice(offset, offset + sizeBytes)
      if (type === 'L') own.set('path', textOf(content))
      else if (type !== 'K')
        for (const [key, value] of paxRecords(content, fail)) (type === 'x' ? own : all).set(key, value)
      continue
    }
    const path = (told('path') ?? nameIn(block)).split('/').filter((part) => part !== '' && part !== '.')
    const hasHoles = [...own.keys(), ...all.keys()].some((key) => key.startsWith('GNU.sparse'))
    entries.push({ path: path.join('/'), kind: hasHoles ? 'other' : kindOf(type), offset, sizeBytes })
    if (entries.length > mostEntries) throw tooMany(name, entries.length)
    own = new Map()
  }
}

function kindOf(type: string): TarEntry['kind'] {
  if (type === '0' || type === '\0' || type === '7') return 'file'
  return type === '5' ? 'folder' : 'other'
}

/** "27 path=a/long/name\n", the number being the bytes of all of it. */
function* paxRecords(content: Uint8Array, fail: (why: string) => Error): Generator<[string, string]> {
  for (let at = 0; at < content.length && content[at] !== 0;) {
    const length = Number(/^(\d{1,7}) /.exec(lettersOf(content, at, 8))?.[1] ?? 0)
    const record = textOf(content.subarray(at, at + length))
    const equals = record.indexOf('=')
    if (length === 0 || at + length > content.length || equals < 0 || !record.endsWith('\n'))
      throw fail('an extended header in it is not readable')
    yield [record.slice(record.indexOf(' ') + 1, equals), record.slice(equals + 1, -1)]
    at += length
  }
}

function nameIn(block: Uint8Array): string {
  const own = textOf(block.subarray(0, 100))
  const isUstar = lettersOf(block, 257, 6) === 'ustar\0'
  const before = isUstar ? textOf(block.subarray(345, 500)) : ''
  return before === '' ? own : `${before}/${own}`
}

/** Octal digits; or, where they do not suffice, GNU's number of 8 bits a byte behind a byte 0x80. */
function numberIn(block: Uint8Array, at: number, length: number): number {
  if (block[at] === 0x80)
    return block.subarray(at + 1, at + length).reduce((number, byte) => number * 256 + byte, 0)
  const digits = lettersOf(block, at, length).replace(/[ \0]/g, '')
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : NaN
}

/** UTF-8 up to the first zero; what is not, is taken for Latin letters. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const own = end < 0 ? bytes : bytes.subarray(0, end)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(own)
  } catch {
    return new TextDecoder('windows-1252').decode(own)
  }
}

function lettersOf(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

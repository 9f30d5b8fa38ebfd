import { DataError } from '../../core/errors.ts'

interface Magic {
  readonly what: string
  readonly remedy: string
  readonly isUnsafe?: boolean
  readonly matches: (head: Uint8Array) => boolean
}

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0))

function at(offset: number, bytes: readonly number[]): (head: Uint8Array) => boolean {
  return (head) => head.length >= offset + bytes.length && bytes.every((byte, i) => head[offset + i] === byte)
}

function holds(text: string, head: Uint8Array): boolean {
  const bytes = ascii(text)
  for (let i = 0; i + bytes.length <= head.length; i++) if (at(i, bytes)(head)) return true
  return false
}

const isZip = at(0, [0x50, 0x4b, 0x03, 0x04])
const unpack = 'Unpack it and drop the text files that it holds.'
const textOnly = 'Drop plain text, Markdown, JSON lines, JSON or CSV.'
const runsCode =
  'Opening this format runs code that the file holds, so Bunsen never does. Where it was made, save data as .txt, .jsonl or .csv, and weights as .safetensors.'

/** From the formats' own specifications; order matters where one contains another. */
const magics: readonly Magic[] = [
  {
    what: 'a PyTorch file',
    isUnsafe: true,
    remedy: runsCode,
    matches: (head) => isZip(head) && holds('data.pkl', head.subarray(0, 4096)),
  },
  {
    what: 'a Python pickle',
    isUnsafe: true,
    remedy: runsCode,
    matches: (head) => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5,
  },
  {
    what: 'a zip archive or an office document',
    remedy: `${unpack} Save a document as plain text first.`,
    matches: isZip,
  },
  { what: 'a gzip archive', remedy: unpack, matches: at(0, [0x1f, 0x8b]) },
  {
    what: 'a bzip2 archive',
    remedy: unpack,
    matches: (head) => at(0, ascii('BZh'))(head) && at(4, [0x31, 0x41, 0x59, 0x26])(head),
  },
  { what: 'an xz archive', remedy: unpack, matches: at(0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) },
  { what: 'a Zstandard archive', remedy: unpack, matches: at(0, [0x28, 0xb5, 0x2f, 0xfd]) },
  { what: 'a 7z archive', remedy: unpack, matches: at(0, [0x37, 0x7a, 0xbc, 0xaf]) },
  { what: 'a RAR archive', remedy: unpack, matches: at(0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]) },
  {
    what: 'a PDF',
    remedy: 'Save its text as .txt in a PDF reader and drop that.',
    matches: at(0, ascii('%PDF-')),
  },
  {
    what: 'a rich text document',
    remedy: 'Save it as plain text (.txt) and drop that.',
    matches: at(0, ascii('{\\rtf')),
  },
  { what: 'a PNG image', remedy: textOnly, matches: at(0, [0x89, 0x50, 0x4e, 0x47]) },
  { what: 'a JPEG image', remedy: textOnly, matches: at(0, [0xff, 0xd8, 0xff]) },
  {
    what: 'a GIF image',
    remedy: textOnly,
    matches: (head) => at(0, ascii('GIF8'))(head) && head[5] === 0x61,
  },
  {
    what: 'a sound, picture or video',
    remedy: textOnly,
    matches: (head) => at(0, ascii('RIFF'))(head) && /WAVE|WEBP|AVI /.test(fourLetters(head, 8)),
  },
  {
    what: 'a video',
    remedy: textOnly,
    matches: (head) => at(0, [0x1a, 0x45, 0xdf, 0xa3])(head) || (head[0] === 0 && at(4, ascii('ftyp'))(head)),
  },
  {
    what: 'a Parquet table',
    remedy: 'This version reads CSV and JSON lines; convert it to one of those.',
    matches: (head) => at(0, ascii('PAR1'))(head) && head.includes(0),
  },
  { what: 'an HDF5 file', remedy: textOnly, matches: at(0, [0x89, 0x48, 0x44, 0x46]) },
  { what: 'a NumPy array', remedy: textOnly, matches: at(0, [0x93, ...ascii('NUMPY')]) },
  {
    what: 'a SQLite database',
    remedy: 'Export the table as CSV and drop that.',
    matches: at(0, [...ascii('SQLite format 3'), 0]),
  },
  {
    what: 'a GGUF model',
    remedy: 'Models come in as .safetensors.',
    matches: (head) => at(0, ascii('GGUF'))(head) && head.includes(0),
  },
  {
    what: 'a safetensors checkpoint',
    remedy: 'Drop it by itself, named .safetensors: it opens as a run, not as a data set.',
    matches: (head) => head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0,
  },
]

function fourLetters(head: Uint8Array, offset: number): string {
  return String.fromCharCode(...head.subarray(offset, offset + 4))
}

/** Throws `binary-file`, or `unsafe-file` for formats that run code, when the first bytes are those of a known format. */
export function refuseKnownBinary(name: string, head: Uint8Array): void {
  const magic = magics.find((candidate) => candidate.matches(head))
  if (!magic) return
  throw new DataError(`${name}: must be text, got ${magic.what}; nothing was stored`, {
    code: magic.isUnsafe ? 'unsafe-file' : 'binary-file',
    remedy: magic.remedy,
    details: { file: name },
  })
}

/** Throws `unsafe-file` for names of formats whose reading runs code, whatever the content is. */
export function refuseUnsafeName(name: string): void {
  const extension = /\.(pkl|pickle|pt|pth|ckpt|joblib|bin)$/i.exec(name)?.[1]
  if (extension === undefined) return
  throw new DataError(`${name}: .${extension.toLowerCase()} files are not opened; nothing was stored`, {
    code: 'unsafe-file',
    remedy: runsCode,
    details: { file: name },
  })
}

import { DataError } from '../../core/errors.ts'

interface Magic {
  readonly what: string
  readonly remedy: string
  readonly isUnsafe?: boolean
  /** Sets of pictures are taken elsewhere: here it lies among files that are none. */
  readonly isPicture?: boolean
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
const unpack = 'Unpack it and drop the files that it holds, or pack them as zip or gzip.'
const textOnly =
  'Drop text, tables (CSV, JSON lines, Parquet), arrays (.npy, .npz, .safetensors) or pictures.'
const asTable = 'Save its table as CSV or Parquet where it was made and drop that.'
const asArrays =
  'Save its arrays as .npy, .npz or .safetensors where it was made, and its tables as CSV or Parquet.'
const asPicture = 'Save pictures as PNG or JPEG and drop those.'
const apart = 'Drop pictures as a set of their own, without the texts and tables.'
const asWeights = 'Models come in as .safetensors.'
const runsCode =
  'Opening this format runs code that the file holds, so Bunsen never does. Where it was made, save tables as .csv or .parquet, texts as .txt or .jsonl, arrays as .npy or .npz (allow_pickle=False), and weights as .safetensors.'

/** Pickles of protocol 0 begin with these opcodes as text: a list or dict that is memoised, or a name that is imported. */
const textPickle =
  /^(\((dp|lp|tp)\d+\n|[\]}]p\d+\n|c(__builtin__|builtins|__main__|copy_?reg|collections|os|posix|nt|subprocess|(numpy|pandas|sklearn|torch|scipy)[\w.]*)\n\w+\n(p\d|\())/

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
    matches: (head) =>
      (head[0] === 0x80 && head[1]! >= 1 && head[1]! <= 5) || textPickle.test(lettersOf(head, 0, 200)),
  },
  {
    what: 'an R object file',
    isUnsafe: true,
    remedy: runsCode,
    matches: (head) => /^(RD[AX][23]\n|X\n\0\0\0[\x02\x03]\0)/.test(lettersOf(head, 0, 8)),
  },
  {
    what: 'a program',
    isUnsafe: true,
    remedy: runsCode,
    matches: (head) =>
      /^(\x7fELF|\0asm|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe)/.test(lettersOf(head, 0, 4)) ||
      (at(0, ascii('MZ'))(head) && head.includes(0)),
  },
  {
    what: 'a zip archive or an office document',
    remedy: `${unpack} Save a document as plain text, and a spreadsheet as CSV, first.`,
    matches: isZip,
  },
  {
    what: 'an old office document',
    remedy: 'Save a document as plain text, and a spreadsheet as CSV, and drop that.',
    matches: at(0, [0xd0, 0xcf, 0x11, 0xe0]),
  },
  { what: 'a gzip archive', remedy: unpack, matches: at(0, [0x1f, 0x8b]) },
  {
    what: 'a bzip2 archive',
    remedy: unpack,
    matches: (head) => at(0, ascii('BZh'))(head) && at(4, [0x31, 0x41, 0x59, 0x26])(head),
  },
  { what: 'an xz archive', remedy: unpack, matches: at(0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) },
  { what: 'a Zstandard archive', remedy: unpack, matches: at(0, [0x28, 0xb5, 0x2f, 0xfd]) },
  { what: 'an LZ4 archive', remedy: unpack, matches: at(0, [0x04, 0x22, 0x4d, 0x18]) },
  { what: 'a 7z archive', remedy: unpack, matches: at(0, [0x37, 0x7a, 0xbc, 0xaf]) },
  { what: 'a RAR archive', remedy: unpack, matches: at(0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]) },
  { what: 'a tar archive', remedy: unpack, matches: at(257, ascii('ustar')) },
  {
    what: 'a zlib stream, as joblib writes it',
    isUnsafe: true,
    remedy: runsCode,
    matches: (head) => head[0] === 0x78 && [0x01, 0x9c, 0xda].includes(head[1]!),
  },
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
  { what: 'a PNG image', remedy: apart, isPicture: true, matches: at(0, [0x89, 0x50, 0x4e, 0x47]) },
  { what: 'a JPEG image', remedy: apart, isPicture: true, matches: at(0, [0xff, 0xd8, 0xff]) },
  {
    what: 'a GIF image',
    remedy: apart,
    isPicture: true,
    matches: (head) => at(0, ascii('GIF8'))(head) && head[5] === 0x61,
  },
  {
    what: 'a TIFF image',
    remedy: asPicture,
    matches: (head) => at(0, [0x49, 0x49, 0x2a, 0])(head) || at(0, [0x4d, 0x4d, 0, 0x2a])(head),
  },
  {
    what: 'a HEIC or AVIF image',
    remedy: asPicture,
    matches: (head) => /^ftyp(heic|heix|mif1|msf1|avif)/.test(lettersOf(head, 4, 8)),
  },
  { what: 'a Photoshop image', remedy: asPicture, matches: at(0, ascii('8BPS')) },
  {
    what: 'a sound, picture or video',
    remedy: textOnly,
    matches: (head) => at(0, ascii('RIFF'))(head) && /WAVE|WEBP|AVI /.test(lettersOf(head, 8, 4)),
  },
  {
    what: 'a sound',
    remedy: textOnly,
    matches: (head) =>
      /^(OggS\0|fLaC\0|ID3[\x02-\x04]|MThd\0)/.test(lettersOf(head, 0, 5)) ||
      (head[0] === 0xff && [0xf1, 0xf3, 0xf9, 0xfb].includes(head[1]!)),
  },
  {
    what: 'a video',
    remedy: textOnly,
    matches: (head) => at(0, [0x1a, 0x45, 0xdf, 0xa3])(head) || (head[0] === 0 && at(4, ascii('ftyp'))(head)),
  },
  {
    what: 'an HDF5 file',
    remedy: `Keras models in it can hold code. ${asArrays}`,
    matches: (head) =>
      [0, 512, 1024, 2048].some((offset) => at(offset, [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10])(head)),
  },
  { what: 'a MATLAB file', remedy: asArrays, matches: at(0, ascii('MATLAB 5.0 MAT-file')) },
  {
    what: 'an Arrow or Feather table',
    remedy: asTable,
    matches: (head) => /^(ARROW1\0|FEA1)/.test(lettersOf(head, 0, 7)),
  },
  { what: 'an ORC table', remedy: asTable, matches: (head) => at(0, ascii('ORC'))(head) && head.includes(0) },
  { what: 'an Avro table', remedy: asTable, matches: at(0, [...ascii('Obj'), 1]) },
  {
    what: 'an encrypted Parquet table',
    remedy: asTable,
    matches: (head) => at(0, ascii('PARE'))(head) && head.includes(0),
  },
  { what: 'a SQLite database', remedy: asTable, matches: at(0, [...ascii('SQLite format 3'), 0]) },
  {
    what: 'a DuckDB database',
    remedy: asTable,
    matches: (head) => at(8, ascii('DUCK'))(head) && head.includes(0),
  },
  {
    what: 'a GGUF or GGML model',
    remedy: asWeights,
    matches: (head) => /^(GGUF|lmgg|tjgg|fmgg)/.test(lettersOf(head, 0, 4)) && head.includes(0),
  },
  { what: 'a TensorFlow Lite model', remedy: asWeights, matches: at(4, ascii('TFL3')) },
  {
    what: 'a safetensors checkpoint',
    remedy:
      'Drop it by itself, named .safetensors: weights open as a run, arrays of pictures or rows as a data set.',
    matches: (head) => head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0,
  },
]

function lettersOf(head: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...head.subarray(offset, offset + length))
}

/** Throws `binary-file`, or `unsafe-file` for formats that run code, when the first bytes are those of a known format. */
export function refuseKnownBinary(name: string, head: Uint8Array): void {
  const magic = magics.find((candidate) => candidate.matches(head))
  if (!magic) return
  if (magic.isUnsafe) throw unsafeFile(name, magic.what)
  throw new DataError(
    `${name}: must be ${magic.isPicture ? 'text or rows, as most files beside it are' : 'text, rows, arrays or pictures'}, got ${magic.what}; nothing was stored`,
    {
      code: 'binary-file',
      remedy: magic.remedy,
      details: { file: name },
    },
  )
}

export function unsafeFile(name: string, what: string): DataError {
  return new DataError(`${name}: ${what} is never opened; nothing was stored`, {
    code: 'unsafe-file',
    remedy: runsCode,
    details: { file: name },
  })
}

/** Formats whose reading runs code, or that are known for holding such. */
const unsafeNames =
  /\.(pkl|pickle|pck|pcl|pt2?|pth|ckpt|joblib|jl|bin|dill|mar|rds|rdata|rda|keras|h5|hdf5|pyc|class|jar|exe|dll|so|wasm)$/i

/** Throws `unsafe-file` for names of formats whose reading runs code, whatever the content is. */
export function refuseUnsafeName(name: string): void {
  const extension = unsafeNames.exec(name)?.[1]?.toLowerCase()
  if (extension !== undefined) throw unsafeFile(name, `a .${extension} file`)
}

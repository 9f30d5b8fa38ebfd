import { DataError } from '../../core/errors.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { NamedArray } from '../reading/held.ts'
import { unsafeFile } from '../reading/knownBinaries.ts'

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const mostHeaderBytes = 1_000_000
const mostDimensions = 32

type Numbers = Exclude<NamedArray['values'], readonly string[]>
const types: Record<string, new (buffer: ArrayBuffer) => Numbers> = {
  f8: Float64Array,
  f4: Float32Array,
  i8: BigInt64Array,
  i4: Int32Array,
  i2: Int16Array,
  i1: Int8Array,
  u8: BigUint64Array,
  u4: Uint32Array,
  u2: Uint16Array,
  u1: Uint8Array,
  b1: Uint8Array,
}

export function isNpy(head: Uint8Array): boolean {
  return magic.every((byte, i) => head[i] === byte)
}

/**
 * Reads a NumPy array file: versions 1 to 3, both orders and both ends, floats of 2, 4 and 8 bytes, whole numbers of 1 to 8, bool
 * and texts of fixed length. What is given is row-major. Throws `broken-array`, `array-dtype`, and `unsafe-file` for
 * objects, which are pickles.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy(fileName: string, bytes: Uint8Array): NamedArray {
  const { descr, isFortran, shape, dataStart } = readHeader(fileName, bytes)
  const dtype = /^([<>|=])([a-zA-Z])(\d+)$/.exec(descr)
  if (descr.includes('O')) throw unsafeFile(fileName, 'an array of Python objects, which is a pickle,')
  if (!dtype) throw unknownDtype(fileName, descr)
  const [, order, letter, digits] = dtype as unknown as [string, string, string, string]
  const isText = letter === 'U' || letter === 'S'
  const itemBytes = Number(digits) * (letter === 'U' ? 4 : 1)
  if (!isText && `${letter}${digits}` !== 'f2' && !types[`${letter}${digits}`])
    throw unknownDtype(fileName, descr)
  const count = elementCount(shape)
  if (!Number.isSafeInteger(count) || count * itemBytes !== bytes.length - dataStart) {
    throw broken(
      fileName,
      `${descr} [${shape.join(', ')}] needs ${count * itemBytes} bytes, got ${bytes.length - dataStart}`,
    )
  }
  const own = bytes.slice(dataStart)
  const wordBytes = letter === 'U' ? 4 : isText ? 1 : itemBytes
  if (order === '>') swapEnds(own, wordBytes)
  const name = fileName.replace(/\.npy$/i, '')
  const values = isText
    ? textsOf(fileName, own, { count, itemBytes, isWide: letter === 'U' })
    : letter === 'f' && itemBytes === 2
      ? toFloat32({ dtype: 'float16', shape, data: new Uint16Array(own.buffer) })
      : new types[`${letter}${digits}`]!(own.buffer)
  return { name, shape, values: isFortran ? rowMajor(values, shape) : values }
}

function readHeader(name: string, bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isNpy(bytes) || bytes.length < 12) throw broken(name, 'its header is missing')
  const version = bytes[6]!
  if (version < 1 || version > 3) throw broken(name, `it is of version ${version}, known are 1 to 3`)
  const begin = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > mostHeaderBytes || begin + length > bytes.length)
    throw broken(name, `its header claims ${length} bytes`)
  const header = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(begin, begin + length),
  )
  // A dict literal of three keys, of which nothing is evaluated.
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[[^]*?\]))\s*,?\s*(?:'|\})/.exec(header)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)
  if (!descr || !order || !shape) throw broken(name, 'its header is not readable')
  if (descr[1] === undefined) {
    if (/'\|?O\d*'/.test(descr[2]!)) throw unsafeFile(name, 'an array of Python objects, which is a pickle,')
    throw unknownDtype(name, 'several fields an item')
  }
  const sizes = shape[1]!
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number)
  if (sizes.length > mostDimensions) throw broken(name, `it has ${sizes.length} dimensions`)
  return { descr: descr[1], isFortran: order[1] === 'True', shape: sizes, dataStart: begin + length }
}

function swapEnds(bytes: Uint8Array, wordBytes: number): void {
  for (let at = 0; at < bytes.length; at += wordBytes) bytes.subarray(at, at + wordBytes).reverse()
}

/** Each of a fixed length, zeros at its end are not of it. Bytes are read as UTF-8. */
function textsOf(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { count, itemBytes, isWide }: { count: number; itemBytes: number; isWide: boolean },
): string[] {
  const decoder = new TextDecoder()
  const points = isWide ? new Uint32Array(bytes.buffer) : null
  return Array.from({ length: count }, (_, i) => {
    if (points === null)
      return decoder.decode(bytes.subarray(i * itemBytes, (i + 1) * itemBytes)).replace(/\0+$/, '')
    const own = points.subarray((i * itemBytes) / 4, ((i + 1) * itemBytes) / 4)
    if (own.some((point) => point > 0x10ffff)) throw broken(name, 'a text holds what is no character')
    return String.fromCodePoint(...own).replace(/\0+$/, '')
  })
}

/** First axis fastest to last axis fastest. */
function rowMajor(values: NamedArray['values'], shape: readonly number[]): NamedArray['values'] {
  const out = values.slice() as unknown[]
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)))
  const place = shape.map(() => 0)
  for (let i = 0; i < out.length; i++) {
    out[i] = values[place.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0
  }
  return out as unknown as NamedArray['values']
}

function broken(name: string, why: string): DataError {
  return new DataError(`${name}: the array is damaged (${why}); nothing was stored`, {
    code: 'broken-array',
    remedy: 'Take another copy of it, or save it anew with numpy.save.',
    details: { file: name },
  })
}

function unknownDtype(name: string, got: string): DataError {
  return new DataError(
    `${name}: must hold floats, whole numbers, bools or texts, got ${got.slice(0, 40)}; nothing was stored`,
    {
      code: 'array-dtype',
      remedy:
        'Convert it where it was made: array.astype("float32"), say; parts of complex numbers and fields as arrays of their own.',
      details: { file: name },
    },
  )
}

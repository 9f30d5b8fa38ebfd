import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../core/errors.ts'
import { collectText } from '../collectText.ts'
import { memorySource } from './source.ts'

const text = 'Größe, naïve, œuvre – „Zitat“\nзима 日本\n'
const latin = 'Größe, naïve – „Zitat“, and a good deal of plain text beside it\n'

function utf16(source: string, isLittle: boolean, hasMark: boolean): Uint8Array {
  const units = [...(hasMark ? '\uFEFF' : ''), ...source.split('')].map((unit) => unit.charCodeAt(0))
  const view = new DataView(new ArrayBuffer(units.length * 2))
  units.forEach((unit, i) => view.setUint16(i * 2, unit, isLittle))
  return new Uint8Array(view.buffer)
}

/** Only what the test text needs beyond Latin-1. */
function windows1252(source: string): Uint8Array {
  const extra: Record<string, number> = { '–': 0x96, '„': 0x84, '“': 0x93, œ: 0x9c }
  return Uint8Array.from(source, (character) => extra[character] ?? character.charCodeAt(0))
}

const read = (bytes: Uint8Array, name = 'a.txt') => collectText([memorySource(name, bytes, 5)])

async function code(bytes: Uint8Array, name = 'a.bytes'): Promise<string> {
  const error: unknown = await read(bytes, name).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DataError)
  expect((error as DataError).remedy).not.toBe('')
  return (error as DataError).code
}

describe('encodings', () => {
  it.each([
    ['little endian with a mark', true, true, text],
    ['big endian with a mark', false, true, text],
    ['little endian without', true, false, latin],
    ['big endian without', false, false, latin],
    ['with emoji, whose low bytes may be zero, without', true, false, latin.repeat(9) + '😀 Ā'],
    ['Cyrillic without', true, false, 'Мороз и солнце; день чудесный!\n'],
  ])('reads UTF-16 %s', async (_name, isLittle, hasMark, source) => {
    expect((await read(utf16(source, isLittle, hasMark))).text).toBe(source)
  })

  it('reads Windows-1252 and says so', async () => {
    const result = await read(windows1252(latin))
    expect(result.text).toBe(latin)
    expect(result.notices[0]!.message).toContain('Windows-1252')
  })

  it('keeps UTF-8 with one damaged byte UTF-8 and says where', async () => {
    const bytes = new TextEncoder().encode('ä'.repeat(20) + 'x' + 'ö'.repeat(20))
    bytes[40] = 0xff
    const result = await read(bytes)
    expect(result.text).toBe('ä'.repeat(20) + '\uFFFD' + 'ö'.repeat(20))
    expect(result.notices[0]!.message).toContain('byte 40')
  })

  it('tells an encoding from the last byte as well as from the first', async () => {
    const result = await read(windows1252('plain '.repeat(20_000) + 'Größe'))
    expect(result.text.endsWith('Größe')).toBe(true)
  })

  it('refuses UTF-32, Cyrillic single bytes and UTF-16 of which nothing can be told', async () => {
    expect(await code(Uint8Array.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]))).toBe('unknown-encoding')
    expect(await code(Uint8Array.from({ length: 200 }, (_, i) => (i % 7 === 0 ? 32 : 0xe0 + (i % 32))))).toBe(
      'unknown-encoding',
    )
    expect(await code(Uint8Array.from([65, 66, 0, 0, 67, 0, 68, 69]))).toBe('binary-file')
  })

  it('warns of UTF-16 that is cut inside a character', async () => {
    const result = await read(utf16(latin, true, true).subarray(0, 41))
    expect(result.notices[0]!.message).toContain('cut off')
  })
})

const bytesOf = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)),
  )

describe('files that are no text', () => {
  it.each<[string, string, Uint8Array]>([
    ['binary-file', 'a PNG image', bytesOf([0x89], 'PNG\r\n', [0x1a, 10, 0, 0])],
    ['binary-file', 'a zip archive', bytesOf('PK', [3, 4, 20, 0], 'word/document.xml')],
    ['unsafe-file', 'a PyTorch file', bytesOf('PK', [3, 4, 20, 0], 'archive/data.pkl')],
    ['unsafe-file', 'a Python pickle', bytesOf([0x80, 4, 0x95, 0, 0])],
    ['unsafe-file', 'a Python pickle', bytesOf('(dp0\nVa\np1\nI1\ns.')],
    ['unsafe-file', 'a Python pickle', bytesOf('cos\nsystem\n(Vls\ntR.')],
    ['unsafe-file', 'a Python pickle', bytesOf('cnumpy.core.multiarray\n_reconstruct\np0\n')],
    ['unsafe-file', 'a zlib stream, as joblib writes it', bytesOf([0x78, 0x9c, 0x6b, 0x60])],
    ['unsafe-file', 'an R object file', bytesOf('X\n', [0, 0, 0, 3, 0, 4])],
    ['unsafe-file', 'a program', bytesOf([0x7f], 'ELF', [2, 1, 1, 0])],
    ['binary-file', 'an HDF5 file', bytesOf([0x89], 'HDF\r\n', [0x1a, 10, 0, 0])],
    ['binary-file', 'a MATLAB file', bytesOf('MATLAB 5.0 MAT-file, Platform: GLNXA64')],
    ['binary-file', 'an Arrow or Feather table', bytesOf('ARROW1', [0, 0])],
    ['binary-file', 'an Avro table', bytesOf('Obj', [1, 4])],
    ['binary-file', 'an old office document', bytesOf([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1])],
    ['binary-file', 'a tar archive', bytesOf('a.txt', Array<number>(252).fill(0), 'ustar', [0])],
    ['binary-file', 'a HEIC or AVIF image', bytesOf([0, 0, 0, 24], 'ftypheic', [0, 0])],
    ['binary-file', 'a GGUF or GGML model', bytesOf('GGUF', [3, 0, 0, 0])],
    ['binary-file', 'a DuckDB database', bytesOf([1, 2, 3, 4, 5, 6, 7, 8], 'DUCK', [64, 0])],
    ['binary-file', 'a PDF', bytesOf('%PDF-1.7\n%âãÏÓ\n')],
    ['binary-file', 'a gzip archive', gzipSync('text')],
    ['binary-file', 'a safetensors checkpoint', bytesOf([16, 0, 0, 0, 0, 0, 0, 0], '{"a":1}         ')],
    ['binary-file', 'a zero byte at 4', bytesOf('text', [0], 'text')],
    ['binary-file', '4 control characters', bytesOf('te', [1, 2, 3, 4], 'xt')],
  ])('refuses with %s: %s', async (expected, what, bytes) => {
    expect(await code(bytes)).toBe(expected)
    await expect(read(bytes)).rejects.toThrow(what)
  })

  it.each([
    '(\nno pickle\n',
    'cat\ndog\nparrot\n',
    'cos\nsin\ntan\n',
    'x^2 + 1',
    'MZ is a text',
    'ORC and GGUF are words',
    'ID3 is a tree',
    '(p0)\n',
  ])('reads as text what only begins like one: %j', async (text) => {
    expect((await read(bytesOf(text), 'a')).text).toBe(text)
  })

  it.each([
    'weights.pkl',
    'model.PT',
    'pytorch_model.bin',
    'x.ckpt',
    'a.joblib',
    'm.keras',
    'w.h5',
    'd.RData',
  ])('refuses %s by its name, whatever it holds', async (name) => {
    expect(await code(bytesOf('harmless text'), name)).toBe('unsafe-file')
  })

  it('refuses random bytes', async () => {
    let seed = 1
    const noise = Uint8Array.from({ length: 5000 }, () => (seed = (seed * 48271) % 2147483647) & 255)
    expect(await code(noise)).toBe('binary-file')
  })
})

import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { memorySource, readWhole } from '../reading/source.ts'
import zip from './zip.ts'

const context = { signal: undefined, notify: () => undefined }

async function unpack(bytes: Uint8Array) {
  const files = (await zip.open(memorySource('a.zip', bytes), context))!
  return Promise.all(
    files.map(async (file) => [file.path, new TextDecoder().decode(await readWhole(file, undefined))]),
  )
}

const text = 'much of a muchness. '.repeat(200)
const archive = zipSync({
  'x/deflated.txt': strToU8(text),
  'stored.txt': [strToU8('as it is'), { level: 0 }],
  'empty.txt': strToU8(''),
  'x/': new Uint8Array(0),
  '__MACOSX/._a': strToU8('x'),
})

/** Where the nth central or local header is (APPNOTE 4.3.7, 4.3.12). */
function header(kind: 'local' | 'central', nth = 0): number {
  const mark = kind === 'local' ? 0x04034b50 : 0x02014b50
  const view = new DataView(archive.buffer)
  for (let at = 0; at + 4 <= archive.length; at++)
    if (view.getUint32(at, true) === mark && nth-- === 0) return at
  throw new Error('no such header')
}

function changed(at: number, value: number, bytes: 1 | 2 | 4 = 4): Uint8Array {
  const copy = archive.slice()
  const view = new DataView(copy.buffer)
  if (bytes === 1) view.setUint8(at, value)
  else if (bytes === 2) view.setUint16(at, value, true)
  else view.setUint32(at, value, true)
  return copy
}

describe('a zip archive', () => {
  it('gives its files with their paths, without folders and what systems leave', async () => {
    expect(await unpack(archive)).toEqual([
      ['a/x/deflated.txt', text],
      ['a/stored.txt', 'as it is'],
      ['a/empty.txt', ''],
    ])
  })

  it('reads no more than is asked for', async () => {
    const noise = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 5)
    const large = zipSync({ 'a.bin': [noise, { level: 0 }], 'b.txt': strToU8('x') })
    let readBytes = 0
    const source = memorySource('a.zip', large)
    const counted = {
      ...source,
      slice: async (begin: number, end: number) => {
        readBytes += end - begin
        return source.slice!(begin, end)
      },
    }
    const files = (await zip.open(counted, context))!
    expect(new TextDecoder().decode(await readWhole(files[1]!, undefined))).toBe('x')
    expect(readBytes).toBeLessThan(200_000)
  })

  it('is read where its sizes are in the zip64 fields', async () => {
    const at = header('central')
    const path = new DataView(archive.buffer).getUint16(at + 28, true)
    const view = new DataView(archive.buffer)
    const extra = new Uint8Array(4 + 24)
    const fields = new DataView(extra.buffer)
    fields.setUint16(0, 1, true)
    fields.setUint16(2, 24, true)
    for (const [i, from] of [24, 20, 42].entries())
      fields.setBigUint64(4 + 8 * i, BigInt(view.getUint32(at + from, true)), true)
    const wide = Uint8Array.from([
      ...archive.subarray(0, at + 46 + path),
      ...extra,
      ...archive.subarray(at + 46 + path),
    ])
    const out = new DataView(wide.buffer)
    for (const from of [20, 24, 42]) out.setUint32(at + from, 0xffffffff, true)
    out.setUint16(at + 30, extra.length, true)
    const end = wide.length - 22
    out.setUint32(end + 12, out.getUint32(end + 12, true) + extra.length, true)
    expect(await unpack(wide)).toEqual(await unpack(archive))
  })

  it.each([
    ['cut off', archive.subarray(0, archive.length - 30)],
    ['without its beginning', archive.subarray(100)],
    ['changed in what it packs', changed(header('local') + 60, 7, 1)],
    ['with another CRC-32', changed(header('central') + 16, 1)],
    ['with less in it than it says', changed(header('central') + 24, text.length + 1)],
    ['with more in it than it says', changed(header('central') + 24, text.length - 1)],
    ['whose entry lies elsewhere', changed(header('central') + 42, 5)],
    ['whose entry lies outside', changed(header('central') + 42, 1 << 24)],
    ['whose directory lies elsewhere', changed(archive.length - 22 + 16, 3)],
    ['whose directory is of another length', changed(archive.length - 22 + 10, 3, 2)],
    ['with a name that has no end', changed(header('central') + 28, 60000, 2)],
  ])('that is damaged is refused: %s', async (_what, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ name: 'DataError', code: 'broken-archive' })
  })

  it('that is encrypted or packed otherwise is refused by name', async () => {
    for (const bytes of [changed(header('central') + 8, 1, 2), changed(header('central') + 10, 14, 2)])
      await expect(unpack(bytes)).rejects.toMatchObject({
        code: 'unreadable-archive',
        message: expect.stringContaining('deflated.txt') as string,
      })
  })

  it('of a model is refused as what it is', async () => {
    const torch = zipSync({ 'm/version': strToU8('3'), 'm/data.pkl': strToU8('x') })
    await expect(unpack(torch)).rejects.toMatchObject({ code: 'unsafe-file' })
    expect(
      await zip.open(memorySource('a', zipSync({ '[Content_Types].xml': strToU8('x') })), context),
    ).toBeNull()
  })
})

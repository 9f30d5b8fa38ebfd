import { gzipSync, strToU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../core/sha256.ts'
import { memorySource, readChunks, readWhole } from '../reading/source.ts'
import gzip from './gzip.ts'

const context = { signal: undefined, notify: () => undefined }

/** What comes out, the packed bytes handed in by `piece` at a time. */
async function unpack(bytes: Uint8Array, piece = 65536, name = 'a.txt.gz') {
  const [inner] = (await gzip.open(memorySource(name, bytes, piece), context))!
  return { name: inner!.name, content: await readWhole(inner!, undefined) }
}

/** Bytes that pack neither well nor not at all. */
const content = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >> 7)
const packed = gzipSync(content, { filename: 'a.txt' })

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

describe('a gzip file', () => {
  it('gives what was packed under its name, however it is cut', async () => {
    expect(gzip.matches(packed)).toBe(true)
    for (const piece of [1e6, 997]) {
      const { name, content: found } = await unpack(packed, piece)
      expect(name).toBe('a.txt')
      expect(sha256Hex(found)).toBe(sha256Hex(content))
    }
    expect((await unpack(gzipSync(strToU8('x')), 1)).content).toEqual(strToU8('x'))
  })

  it('of several members is one file', async () => {
    const members = joined(
      gzipSync(strToU8('one ')),
      gzipSync(strToU8('')),
      gzipSync(strToU8('two'), { filename: 'b' }),
    )
    for (const piece of [1e6, 5, 1])
      expect((await unpack(members, piece)).content).toEqual(strToU8('one two'))
  })

  it('that is cut off, changed or followed by something else is refused', async () => {
    const changed = (at: number) => packed.with(at, packed[at]! ^ 1)
    const cases = [
      packed.subarray(0, 12),
      packed.subarray(0, packed.length >> 1),
      packed.subarray(0, -1),
      packed.subarray(0, -8),
      changed(packed.length - 6), // the CRC-32
      changed(packed.length - 2), // the length
      changed(packed.length >> 1),
      joined(packed, strToU8('more')),
      joined(packed.subarray(0, -1), packed),
      joined(packed.with(packed.length - 8, 0), packed),
      new Uint8Array([0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 3, 1, 2]),
    ]
    for (const bytes of cases)
      await expect(unpack(bytes)).rejects.toMatchObject({ name: 'DataError', code: 'broken-archive' })
  })

  it('is unpacked no further than it is read', async () => {
    const bomb = joined(...Array.from({ length: 50 }, () => gzipSync(new Uint8Array(1_000_000))))
    let readBytes = 0
    const source = memorySource('bomb.gz', bomb, 1000)
    const counted = {
      ...source,
      stream: () =>
        source.stream().pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              readBytes += chunk.length
              controller.enqueue(chunk)
            },
          }),
        ),
    }
    const [inner] = (await gzip.open(counted, context))!
    for await (const piece of readChunks(inner!, undefined)) {
      expect(piece.every((byte) => byte === 0)).toBe(true)
      break
    }
    expect(readBytes).toBeLessThan(bomb.length / 3)
  })
})

it('that is cut off where its end reads as a length of gigabytes is damaged, not too large', async () => {
  const cut = packed.slice(0, 1000)
  cut.set([0xff, 0xff, 0xff, 0xfe], 996)
  await expect(unpack(cut)).rejects.toMatchObject({
    code: 'broken-archive',
    message: 'a.txt.gz: the gzip file is damaged (it ends before what was packed does); nothing was stored',
  })
})

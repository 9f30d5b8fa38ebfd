import { encode as encodePng } from 'fast-png'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { decodeImage, imageFormat } from './decodeImage.ts'
import { orientationOf, turned } from './orientation.ts'

/** Values that follow no pattern that a filter of the format would hide. */
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7919 + 31 * (i % 7)) % 256)

const png = (channels: 1 | 2 | 3 | 4, data: Uint8Array | Uint16Array, depth: 8 | 16 = 8) =>
  encodePng({ width: 3, height: 2, channels, depth, data })

describe('a PNG', () => {
  it('comes back as it was written, grey and in colours', async () => {
    for (const channels of [1, 3] as const) {
      const pixels = noise(6 * channels)
      expect(await decodeImage(png(channels, pixels))).toEqual({ width: 3, height: 2, channels, pixels })
    }
  })

  it('lies over white where it can be seen through', async () => {
    const half = Uint8Array.from([0, 100, 200, 128, 9, 9, 9, 0, 7, 8, 9, 255, ...noise(12)])
    const { channels, pixels } = await decodeImage(png(4, half))
    expect(channels).toBe(3)
    const over = (value: number) => Math.round((value * 128 + 255 * 127) / 255)
    expect([...pixels.subarray(0, 9)]).toEqual([over(0), over(100), over(200), 255, 255, 255, 7, 8, 9])
    const grey = await decodeImage(png(2, Uint8Array.from([50, 255, 50, 0, ...noise(8)])))
    expect([grey.channels, ...grey.pixels.subarray(0, 2)]).toEqual([1, 50, 255])
  })

  it('of 16 bits keeps the upper ones', async () => {
    const wide = Uint16Array.from({ length: 6 }, (_, i) => i * 9999)
    const { pixels } = await decodeImage(png(1, wide, 16))
    expect([...pixels]).toEqual([...wide].map((value) => value >> 8))
  })

  it('of one bit is black and white, row by row', async () => {
    // 9 pixels a row take two bytes; written by hand, since the encoder packs no bits.
    const bytes = oneBitPng(9, 2, [0b10101010, 0b10000000, 0b01010101, 0])
    const { width, height, pixels } = await decodeImage(bytes)
    expect([width, height]).toEqual([9, 2])
    expect([...pixels].map((value) => value / 255)).toEqual([
      1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
    ])
  })

  it('that is cut off, or claims to be huge, is an error that says so', async () => {
    const bytes = png(3, noise(18))
    await expect(decodeImage(bytes.subarray(0, 20))).rejects.toThrow('cut off')
    await expect(decodeImage(bytes.subarray(0, 50))).rejects.toThrow()
    const huge = bytes.slice()
    new DataView(huge.buffer).setUint32(16, 60000)
    new DataView(huge.buffer).setUint32(20, 60000)
    await expect(decodeImage(huge)).rejects.toThrow('60000 × 60000 pixels are too many')
  })

  it('of which a bit was turned over is an error, by its checksums', async () => {
    const bytes = png(3, noise(18))
    for (let at = 40; at < bytes.length - 12; at += 7) {
      const turned = bytes.slice()
      turned[at]! ^= 4
      await expect(decodeImage(turned), `byte ${at}`).rejects.toThrow()
    }
  })

  it('with packed data that its pixels do not need, a bomb say, is read without or refused', async () => {
    const pixels = noise(18)
    const bytes = png(3, pixels)
    const afterHeader = 33
    const withChunk = (type: string, data: number[]) =>
      Uint8Array.from([
        ...bytes.subarray(0, afterHeader),
        ...chunk(type, data),
        ...bytes.subarray(afterHeader),
      ])
    const profile = [...[...'name'].map((letter) => letter.charCodeAt(0)), 0, 0, 1, 2, 3]
    expect((await decodeImage(withChunk('iCCP', profile))).pixels).toEqual(pixels)
    await expect(decodeImage(withChunk('IDAT', Array<number>(70_000).fill(0)))).rejects.toThrow(
      /^700\d\d bytes of data are too many for 3 × 2 pixels$/,
    )
  })
})

describe('a JPEG', () => {
  it('comes back nearly as it was written', async () => {
    const data = new Uint8Array(16 * 8 * 4)
    for (let i = 0; i < 128; i++) data.set([10 * (i % 16), 200, 255 - 10 * (i % 16), 255], 4 * i)
    const { width, height, channels, pixels } = await decodeImage(
      jpeg.encode({ width: 16, height: 8, data }, 95).data,
    )
    expect([width, height, channels]).toEqual([16, 8, 3])
    pixels.forEach((value, i) =>
      expect(Math.abs(value - data[4 * Math.floor(i / 3) + (i % 3)]!)).toBeLessThan(20),
    )
  })

  it('that is damaged is an error', async () => {
    await expect(decodeImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3))).rejects.toThrow()
  })
})

describe('the way a camera was held', () => {
  const picture = { width: 3, height: 2, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }
  // EXIF 4.6.5.1: what the 0th row and the 0th column of the stored picture are, as seen.
  it.each([
    [1, 3, [1, 2, 3, 4, 5, 6]],
    [2, 3, [3, 2, 1, 6, 5, 4]],
    [3, 3, [6, 5, 4, 3, 2, 1]],
    [4, 3, [4, 5, 6, 1, 2, 3]],
    [5, 2, [1, 4, 2, 5, 3, 6]],
    [6, 2, [4, 1, 5, 2, 6, 3]],
    [7, 2, [6, 3, 5, 2, 4, 1]],
    [8, 2, [3, 6, 2, 5, 1, 4]],
  ])('%i is undone', (orientation, width, expected) => {
    const upright = turned(picture, orientation)
    expect([upright.width, [...upright.pixels]]).toEqual([width, expected])
  })

  it('is read from either byte order, and is upright where it cannot be', () => {
    const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]
    expect(orientationOf(Uint8Array.from(big))).toBe(6)
    expect(orientationOf(Uint8Array.from([0, 0, ...little]))).toBe(8)
    for (const damaged of [[], [0x4d], big.slice(0, 12), big.with(7, 255), big.with(19, 99)])
      expect(orientationOf(Uint8Array.from(damaged))).toBe(1)
  })
})

it.each([
  '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '\uFEFF<?xml version="1.0"?>\n<!-- made by -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">\n<svg>',
])('an SVG drawing is known by its content: %j', (text) => {
  const bytes = new TextEncoder().encode(text)
  expect(imageFormat(bytes)).toBe('svg')
  expect(imageFormat(new TextEncoder().encode(`About ${text}`))).toBeNull()
})

it('texts are no pictures', async () => {
  const text = new TextEncoder().encode('BMW makes cars, and this is a text about them.')
  expect(imageFormat(text)).toBeNull()
  await expect(decodeImage(text)).rejects.toThrow('not a picture')
})

function oneBitPng(width: number, height: number, rows: number[]): Uint8Array {
  const perRow = Math.ceil(width / 8)
  const raw = Array.from({ length: height }, (_, y) => [
    0,
    ...rows.slice(y * perRow, (y + 1) * perRow),
  ]).flat()
  const header = [...uint32(width), ...uint32(height), 1, 0, 0, 0, 0]
  // Deflate's stored block (RFC 1951 3.2.4) in a zlib wrapper.
  const stored = [0x78, 1, 1, raw.length, 0, 255 - raw.length, 255, ...raw, ...uint32(adler32(raw))]
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    ...chunk('IHDR', header),
    ...chunk('IDAT', stored),
    ...chunk('IEND', []),
  ])
}

function chunk(type: string, data: number[]): number[] {
  const body = [...[...type].map((letter) => letter.charCodeAt(0)), ...data]
  return [...uint32(data.length), ...body, ...uint32(crc32(body))]
}

function uint32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)
}

function crc32(bytes: number[]): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

function adler32(bytes: number[]): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return ((b << 16) | a) >>> 0
}

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ByteScan } from './byteScan.ts'

function scanOf(bytes: Uint8Array, pieceSizeBytes = bytes.length): ByteScan {
  const scan = new ByteScan()
  for (let i = 0; i < bytes.length; i += pieceSizeBytes) scan.push(bytes.subarray(i, i + pieceSizeBytes))
  scan.end()
  return scan
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Bytes that hit the edges of the UTF-8 table often. */
const edgyBytes = fc
  .array(
    fc.constantFrom(
      0x41,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xe1,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff,
    ),
  )
  .map((bytes) => Uint8Array.from(bytes))

it('finds UTF-8 well formed exactly where the platform decoder does', () => {
  fc.assert(
    fc.property(fc.oneof(edgyBytes, fc.uint8Array()), (bytes) => {
      expect(scanOf(bytes).malformedSequences === 0).toBe(isUtf8(bytes))
    }),
    { numRuns: 5000, seed: 1 },
  )
})

it('counts characters beyond ASCII, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), (text, size) => {
      const bytes = new TextEncoder().encode(text)
      const scan = scanOf(bytes, size)
      expect(scan.multiByteSequences).toBe([...text].filter((character) => character > '\x7f').length)
      expect(scan.malformedSequences).toBe(0)
      expect(scan.sizeBytes).toBe(bytes.length)
    }),
    { numRuns: 1000, seed: 2 },
  )
})

it('says where the first wrong byte and the first zero stand, over all pieces', () => {
  const scan = scanOf(Uint8Array.from([0x41, 0x41, 0x41, 0, 0x41, 0xff]), 2)
  expect(scan.firstNul).toBe(3)
  expect(scan.firstMalformed).toBe(5)
})

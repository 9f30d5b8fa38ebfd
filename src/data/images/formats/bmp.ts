import type { Picture } from '../../reading/held.ts'
import { checkSize, ofRgba } from './pixels.ts'

/** Uncompressed, of 1, 4, 8, 24 or 32 bits a pixel, with Windows' headers: what programs write. */
export function ofBmp(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 54) throw new Error('cut off')
  const start = view.getUint32(10, true)
  const headerSize = view.getUint32(14, true)
  const width = view.getInt32(18, true)
  const rows = view.getInt32(22, true)
  const height = Math.abs(rows)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (width < 0) throw new Error('damaged')
  checkSize(width, height)
  // 3: with masks, which are those of plain 32 bits in nearly all files.
  if (![1, 4, 8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32)))
    throw new Error(`a BMP of ${bits} bits with compression ${compression}: save it as PNG`)
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  if (start + rowBytes * height > bytes.length) throw new Error('cut off')
  const palette = 14 + headerSize
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let y = 0; y < height; y++) {
    const row = start + rowBytes * (rows < 0 ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const from = bits >= 24 ? row + (x * bits) / 8 : palette + 4 * indexAt(bytes, row, x, bits)
      for (let color = 0; color < 3; color++) data[4 * (y * width + x) + color] = bytes[from + 2 - color] ?? 0
    }
  }
  return ofRgba({ width, height, data })
}

function indexAt(bytes: Uint8Array, row: number, x: number, bits: number): number {
  const bit = x * bits
  return (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)
}

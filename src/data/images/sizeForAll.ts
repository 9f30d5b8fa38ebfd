import type { Picture } from './decodeImage.ts'
import { resize, toGrey } from './resize.ts'

export interface Size {
  readonly height: number
  readonly width: number
}

/** The size that more than half of the pictures have; else a square as large as the shorter side of the middle one. */
export function sizeForAll(pictures: readonly Size[]): Size {
  const counts = new Map<string, { size: Size; count: number }>()
  for (const { height, width } of pictures) {
    const key = `${height} ${width}`
    const entry = counts.get(key) ?? { size: { height, width }, count: 0 }
    entry.count++
    counts.set(key, entry)
  }
  const [commonest] = [...counts.values()].sort((a, b) => b.count - a.count)
  if (commonest && commonest.count * 2 > pictures.length) return commonest.size
  const sides = pictures.map(({ height, width }) => Math.min(height, width)).sort((a, b) => a - b)
  const side = sides[sides.length >> 1]!
  return { height: side, width: side }
}

/** The largest middle part of the wanted shape, at the wanted size. */
export function toSize(picture: Picture, size: Size): Picture {
  const { height, width, channels, pixels } = picture
  if (height === size.height && width === size.width) return picture
  const scale = Math.min(height / size.height, width / size.width)
  const part = {
    height: Math.max(1, Math.min(height, Math.round(size.height * scale))),
    width: Math.max(1, Math.min(width, Math.round(size.width * scale))),
  }
  const top = (height - part.height) >> 1
  const left = (width - part.width) >> 1
  const row = part.width * channels
  const cut = new Uint8Array(part.height * row)
  for (let y = 0; y < part.height; y++) {
    const from = ((top + y) * width + left) * channels
    cut.set(pixels.subarray(from, from + row), y * row)
  }
  return { ...size, channels, pixels: resize(cut, { ...part, channels }, size) }
}

/** With one channel or three. */
export function inColors(picture: Picture, channels: number): Picture {
  if (picture.channels === channels) return picture
  if (channels === 1) return { ...picture, channels, pixels: toGrey(picture.pixels) }
  const pixels = new Uint8Array(picture.pixels.length * 3)
  picture.pixels.forEach((value, i) => pixels.fill(value, 3 * i, 3 * i + 3))
  return { ...picture, channels, pixels }
}

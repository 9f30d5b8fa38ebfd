import type { Picture } from './decodeImage.ts'

/** The tag of the EXIF specification (4.6.5.1) that says which way a camera was held. */
const orientationTag = 0x0112

/**
 * 1 to 8 as EXIF has it: 1 upright, 3 upside down, 6 and 8 on a side, the others mirrored too. 1 where nothing can be
 * read.
 *
 * @param exif what follows the letters `Exif`, from the zero bytes or from the TIFF header on
 */
export function orientationOf(exif: Uint8Array): number {
  let start = 0
  while (start < 2 && exif[start] === 0) start++
  const view = new DataView(exif.buffer, exif.byteOffset + start, exif.byteLength - start)
  try {
    const isLittle = view.getUint16(0) === 0x4949
    const directory = view.getUint32(4, isLittle)
    const entries = view.getUint16(directory, isLittle)
    for (let entry = 0; entry < entries; entry++) {
      const at = directory + 2 + 12 * entry
      if (view.getUint16(at, isLittle) !== orientationTag) continue
      const value = view.getUint16(at + 8, isLittle)
      return value >= 1 && value <= 8 ? value : 1
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // a place outside the bytes: damaged, and taken as upright
  }
  return 1
}

// 3 is half a turn and 6 a quarter clockwise; 5 is the transpose. All others are those and mirrors.
const rowsReversed = new Set([3, 4, 6, 7])
const columnsReversed = new Set([2, 3, 7, 8])

/** The picture as it was seen. */
export function turned(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture
  const { width, height, channels, pixels } = picture
  const isOnSide = orientation > 4
  const to = { width: isOnSide ? height : width, height: isOnSide ? width : height }
  const out = new Uint8Array(pixels.length)
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++) {
      const [row, column] = isOnSide ? [x, y] : [y, x]
      const fromRow = rowsReversed.has(orientation) ? height - 1 - row : row
      const fromColumn = columnsReversed.has(orientation) ? width - 1 - column : column
      for (let channel = 0; channel < channels; channel++)
        out[(y * to.width + x) * channels + channel] =
          pixels[(fromRow * width + fromColumn) * channels + channel]!
    }
  return { ...to, channels, pixels: out }
}

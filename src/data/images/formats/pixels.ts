import type { Picture } from '../../reading/held.ts'

/** Larger pictures are refused before memory is asked for. */
export const mostPixels = 64_000_000

/** Larger pictures are made smaller as they come in, and drawings drawn so: what trains in a browser is no larger. */
export const longestSide = 128

/** @throws Error */
export function checkSize(width: number, height: number): void {
  if (width * height > mostPixels) throw new Error(`${width} × ${height} pixels are too many`)
  if (width === 0 || height === 0) throw new Error('no pixels')
}

/** A sample laid over white. */
export function overWhite(value: number, alpha: number): number {
  return Math.floor((value * alpha + 255 * (255 - alpha)) / 255 + 0.5)
}

export interface Rgba {
  readonly width: number
  readonly height: number
  /** [height, width, 4], not multiplied by the last. */
  readonly data: ArrayLike<number>
}

/** In three colours over white. */
export function ofRgba({ width, height, data }: Rgba): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const alpha = data[4 * i + 3]!
    for (let color = 0; color < 3; color++) pixels[3 * i + color] = overWhite(data[4 * i + color]!, alpha)
  }
  return { width, height, channels: 3, pixels }
}

import { sha256Hex } from '../../core/sha256.ts'
import type { ImageSet } from './imageSet.ts'

/** A key of each picture, equal where all pixels are. */
export function pixelKeys({ count, pixels }: Pick<ImageSet, 'count' | 'pixels'>): string[] {
  const perImage = pixels.length / count
  return Array.from({ length: count }, (_, item) =>
    sha256Hex(pixels.subarray(item * perImage, (item + 1) * perImage)),
  )
}

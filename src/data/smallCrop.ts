import type { DataConfig } from '../core/runConfig.ts'
import { warped, type Draw, type Picture } from './augmentations/defineAugmentation.ts'

/** Least and greatest ratio of width to height, as of SwAV's crops. */
const mostStretched = 4 / 3

/** A part of a picture, drawn at random, as a square of `size` pixels (Caron et al. 2020). */
export function smallCrop(
  picture: Picture,
  { size, minScale, maxScale }: DataConfig['smallCrops'],
  draw: Draw,
): Picture {
  const { height, width } = picture
  const scale = minScale + (maxScale - minScale) * draw(0)
  const stretch = mostStretched ** (2 * draw(1) - 1)
  const cropWidth = Math.min(width, width * Math.sqrt(scale * stretch))
  const cropHeight = Math.min(height, height * Math.sqrt(scale / stretch))
  const top = (height - cropHeight) * draw(2)
  const left = (width - cropWidth) * draw(3)
  return warped(
    picture,
    {
      yOf: (y) => top + ((y + 0.5) * cropHeight) / size - 0.5,
      xOf: (_y, x) => left + ((x + 0.5) * cropWidth) / size - 0.5,
    },
    { height: size, width: size },
  )
}

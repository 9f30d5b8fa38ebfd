import { decodeImageSet, type ImageSet } from '../images/imageSet.ts'
import { commonest, spreadOf, type Spread } from './spread.ts'

export interface ImagesDescription {
  readonly kind: 'images'
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: number
  /** Pictures of each class, the largest first; empty without labels. */
  readonly classes: readonly { readonly value: string; readonly count: number }[]
  /** Pictures with a caption, and their lengths in UTF-16 units. */
  readonly captions: {
    readonly count: number
    readonly lengths: Spread | null
    readonly preview: readonly string[]
  }
  /** Pictures of each part that they came in; empty where they came in none. */
  readonly parts: readonly { readonly value: string; readonly count: number }[]
  /** Mean and standard deviation of all values, 0 to 1. */
  readonly brightness: { readonly mean: number; readonly deviation: number }
}

/** Throws what `decodeImageSet` throws. */
export function describeImages(bytes: Uint8Array): { set: ImageSet; description: ImagesDescription } {
  const set = decodeImageSet(bytes)
  const { count, height, width, channels, pixels, classes, labels, captions, parts = [] } = set
  const written = captions.filter((caption) => caption !== '')
  let sum = 0
  let squares = 0
  for (const value of pixels) {
    sum += value
    squares += value * value
  }
  const mean = sum / pixels.length / 255
  const description: ImagesDescription = {
    kind: 'images',
    count,
    height,
    width,
    channels,
    classes: commonest(
      Array.from(labels, (label) => classes[label]!),
      classes.length,
    ),
    captions: {
      count: written.length,
      lengths: spreadOf(written.map(({ length }) => length)),
      preview: written.slice(0, 5),
    },
    parts: commonest(parts, 3),
    brightness: { mean, deviation: Math.sqrt(Math.max(0, squares / pixels.length / 255 ** 2 - mean ** 2)) },
  }
  return { set, description }
}

import type { CatalogEntry } from '../../core/catalog.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { Weakenable } from '../severity.ts'

/** [height, width, channels], 0 to 1. */
export interface Picture {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly values: Float32Array
}

/** Number `index` for this picture and augmentation, uniform in [0, 1). */
export type Draw = (index: number) => number

interface AugmentationParts<P> extends CatalogEntry, Ordered, Weakenable<P> {
  readonly id: string
  /** A new picture of the same size, or the same one. */
  apply(picture: Picture, params: P, draw: Draw): Picture
}

export type Augmentation = AugmentationParts<Record<string, ConfigValue>>

export function defineAugmentation<const F extends Fields>(
  augmentation: AugmentationParts<InferFields<F>> & { readonly fields: F },
): Augmentation {
  return augmentation as unknown as Augmentation // params were parsed by the same fields
}

/** How often an augmentation is done. */
export function probabilityField(probability: number) {
  return {
    type: 'number',
    label: 'How often',
    help: 'Share of the images that it is done to.',
    default: probability,
    min: 0,
    max: 1,
    step: 0.05,
  } as const
}

const within = (place: number, size: number): number => (place < 0 ? 0 : place < size ? place : size - 1)

/**
 * A picture whose pixels are taken from these places of another: between pixels by the four neighbours, beyond the edge the
 * edge goes on.
 * @param size of the new picture
 */
export function warped(
  picture: Picture,
  /** Where pixel (y, x) is taken from. */
  { yOf, xOf }: Record<'yOf' | 'xOf', (y: number, x: number) => number>,
  size: Pick<Picture, 'height' | 'width'> = picture,
): Picture {
  const { height, width, channels, values: from } = picture
  const values = new Float32Array(size.height * size.width * channels)
  let at = 0
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const fromY = yOf(y, x)
      const fromX = xOf(y, x)
      const y0 = Math.floor(fromY)
      const x0 = Math.floor(fromX)
      const dy = fromY - y0
      const dx = fromX - x0
      // Shared by all channels.
      const upper = within(y0, height) * width
      const lower = within(y0 + 1, height) * width
      const left = within(x0, width)
      const right = within(x0 + 1, width)
      let a = (upper + left) * channels
      let b = (upper + right) * channels
      let c = (lower + left) * channels
      let d = (lower + right) * channels
      for (let channel = 0; channel < channels; channel++) {
        const top = from[a++]! * (1 - dx) + from[b++]! * dx
        const bottom = from[c++]! * (1 - dx) + from[d++]! * dx
        values[at++] = top * (1 - dy) + bottom * dy
      }
    }
  }
  return { height: size.height, width: size.width, channels, values }
}

/** A picture with every value changed, within 0 to 1. */
export function mapped(picture: Picture, change: (value: number, index: number) => number): Picture {
  return {
    ...picture,
    values: picture.values.map((value, i) => Math.min(1, Math.max(0, change(value, i)))),
  }
}

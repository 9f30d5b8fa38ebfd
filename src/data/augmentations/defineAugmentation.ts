import type { CatalogEntry } from '../../core/catalog.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'

/** [height, width, channels], 0 to 1. */
export interface Picture {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly values: Float32Array
}

/** Number `index` for this picture and augmentation, uniform in [0, 1). */
export type Draw = (index: number) => number

interface AugmentationParts<P> extends CatalogEntry, Ordered {
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

/** Value at a place between pixels, by its four neighbours; beyond the edge the edge goes on. */
export function sampleAt(
  { height, width, channels, values }: Picture,
  y: number,
  x: number,
  channel: number,
): number {
  const y0 = Math.floor(y)
  const x0 = Math.floor(x)
  const at = (row: number, column: number): number => {
    const r = Math.min(height - 1, Math.max(0, row))
    const c = Math.min(width - 1, Math.max(0, column))
    return values[(r * width + c) * channels + channel]!
  }
  const dy = y - y0
  const dx = x - x0
  const top = at(y0, x0) * (1 - dx) + at(y0, x0 + 1) * dx
  const bottom = at(y0 + 1, x0) * (1 - dx) + at(y0 + 1, x0 + 1) * dx
  return top * (1 - dy) + bottom * dy
}

/** A picture whose pixels are taken from these places of another. */
export function warped(
  picture: Picture,
  placeOf: (y: number, x: number) => readonly [y: number, x: number],
): Picture {
  const { height, width, channels } = picture
  const values = new Float32Array(picture.values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromY, fromX] = placeOf(y, x)
      for (let channel = 0; channel < channels; channel++)
        values[(y * width + x) * channels + channel] = sampleAt(picture, fromY, fromX, channel)
    }
  }
  return { ...picture, values }
}

/** A picture with every value changed, within 0 to 1. */
export function mapped(picture: Picture, change: (value: number, index: number) => number): Picture {
  return {
    ...picture,
    values: picture.values.map((value, i) => Math.min(1, Math.max(0, change(value, i)))),
  }
}

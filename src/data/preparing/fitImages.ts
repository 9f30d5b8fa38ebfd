import type { DataConfig } from '../../core/runConfig.ts'
import type { StepValue } from '../../core/stepValue.ts'
import { fitted } from '../images/fitted.ts'
import { decodeImageSet, type ImageSet } from '../images/imageSet.ts'
import { defineStep } from '../steps/defineStep.ts'
import type { Content } from './content.ts'

export type FittedPixels = Pick<ImageSet, 'height' | 'width' | 'channels' | 'pixels'>

/** Pixels of all images in the size and the colours that are asked for; null where the content has them so. */
export default defineStep<{ images: DataConfig['images'] }, { content: Content }, FittedPixels | null>({
  id: 'images/pixels',
  title: 'Pictures in their size',
  version: 1,
  codec: {
    pack(value): StepValue {
      if (value === null) return { json: null, arrays: {} }
      const { pixels, ...extent } = value
      return { json: extent, arrays: { pixels } }
    },
    unpack: ({ json, arrays }) =>
      json === null
        ? null
        : { ...(json as Omit<FittedPixels, 'pixels'>), pixels: arrays['pixels'] as Uint8Array },
  },
  async run({ config: { images }, inputs: { content } }) {
    const set = decodeImageSet(await content.whole())
    const own = fitted(set, images)
    if (own === set) return null
    const { height, width, channels, pixels } = own
    return { height, width, channels, pixels }
  },
})

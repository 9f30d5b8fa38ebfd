import type { Coding, ItemArray, Part, Prepared, TokenizerRecord } from '../../core/prepared.ts'
import { packPrepared, unpackPrepared } from '../../core/preparedValue.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { countClasses } from '../countClasses.ts'
import { decodeImageSet, type ImageSet } from '../images/imageSet.ts'
import { splitPictures } from '../images/splitPictures.ts'
import { splitItems } from '../splitItems.ts'
import { defineStep } from '../steps/defineStep.ts'
import type { Content } from './content.ts'
import { textRows, type EncodedTexts, type TextRows } from './encodeTexts.ts'
import type { FittedPixels } from './fitImages.ts'
import { sizeOf } from './sizeOf.ts'

/**
 * The parts of an image set, each `pixels` [N, height, width, channels] in bytes and, where it has classes, `labels` [N];
 * where it has captions, what `textRows` makes of them. Throws `image-set`, `split-too-short`.
 */
export default defineStep<
  { split: DataConfig['split'] },
  {
    content: Content
    pixels: FittedPixels | null
    tokenizer: TokenizerRecord | null
    texts: EncodedTexts | null
  },
  Omit<Prepared, 'key'>
>({
  id: 'images/parts',
  title: 'Parts of the pictures',
  version: 2,
  codec: { pack: packPrepared, unpack: unpackPrepared },
  async run({ config: { split }, seed, inputs }) {
    const asStored = decodeImageSet(await inputs.content.whole())
    const set: ImageSet = { ...asStored, ...inputs.pixels }
    const { height, width, channels, classes, labels } = set
    const places = splitItems(splitPictures(asStored), split, seed)
    const captions = inputs.texts && textRows(inputs.texts)
    const train = partOf(set, places.train, captions)
    const validation = partOf(set, places.validation, captions)
    const test = places.test.length > 0 ? partOf(set, places.test, captions) : null
    const coding: Coding = {
      facts: {
        image: { height, width, channels },
        classes,
        ...(classes.length > 0 && { classCounts: countClasses(classes.length, labels, places.train) }),
        ...captions?.facts,
      },
      tokenizer: inputs.tokenizer,
      pixels: statistics(train.arrays['pixels'] as Uint8Array, channels),
    }
    const { notices } = places
    return {
      kind: 'images',
      train,
      validation,
      ...(test && { test }),
      coding,
      sizeBytes: sizeOf(train, validation, ...(test ? [test] : [])),
      ...(notices.length > 0 && { notices }),
    }
  },
})

function partOf(
  { pixels, count, classes, labels }: ImageSet,
  places: Int32Array,
  captions: TextRows | null,
): Part {
  const perImage = pixels.length / count
  const own = new Uint8Array(places.length * perImage)
  places.forEach((place, i) =>
    own.set(pixels.subarray(place * perImage, (place + 1) * perImage), i * perImage),
  )
  const arrays: Record<string, ItemArray> = { pixels: own }
  if (classes.length > 0) arrays['labels'] = places.map((place) => labels[place]!)
  if (captions !== null) Object.assign(arrays, captions.arraysOf(places))
  return { count: places.length, arrays }
}

/** Mean and deviation of each channel, of values from 0 to 1. */
function statistics(pixels: Uint8Array, channels: number): NonNullable<Coding['pixels']> {
  const sums = new Float64Array(channels)
  const squares = new Float64Array(channels)
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]! / 255
    const channel = i % channels
    sums[channel]! += value
    squares[channel]! += value * value
  }
  const count = pixels.length / channels
  const means = [...sums].map((sum) => sum / count)
  // A channel that never changes stays as it is.
  const deviations = means.map((mean, i) => Math.sqrt(Math.max(squares[i]! / count - mean * mean, 0)) || 1)
  return { means, deviations }
}

import type { Coding, ItemArray, Prepared } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { fitted } from '../images/fitted.ts'
import { decodeImageSet, type ImageSet } from '../images/imageSet.ts'
import { inColors, toSize, type Size } from '../images/sizeForAll.ts'
import { defineStep } from '../steps/defineStep.ts'
import type { Content } from './content.ts'
import { encodeItemTexts, textRows } from './encodeTexts.ts'
import { allMeasured, lacking, placesAmong } from './otherItems.ts'

/**
 * All pictures of another set in the size, the colours, the classes and the tokens that a model knows. Throws `image-set`,
 * `data-other`, `classes-unknown`.
 */
export default defineStep<
  { images: DataConfig['images'] },
  { content: Content; coding: Coding },
  Omit<Prepared, 'key'>
>({
  id: 'images/coded',
  title: 'Pictures of another set',
  version: 1,
  codec: null,
  async run({ config: { images }, inputs: { content, coding } }) {
    const set = fitted(decodeImageSet(await content.whole()), images)
    const { image, classes = [], textTokens } = coding.facts
    const arrays: Record<string, ItemArray> = { pixels: pixelsAs(set, image!) }
    if (classes.length > 0) {
      if (set.classes.length === 0)
        throw lacking(
          'Pictures: the model tells classes apart, and these have none',
          'Give pictures in a folder for each class, or with a table that names their classes.',
        )
      const used = new Set(set.labels)
      const own = set.classes.filter((_, label) => used.has(label))
      placesAmong(classes, own, 'Pictures')
      arrays['labels'] = set.labels.map((label) => classes.indexOf(set.classes[label]!))
    }
    if (textTokens !== undefined) {
      if (set.captions.length === 0)
        throw lacking(
          'Pictures: the model reads captions, and these have none',
          'Give pictures with a table of captions.',
        )
      const texts = encodeItemTexts({ texts: set.captions, targets: null }, coding.tokenizer!)
      const places = Int32Array.from({ length: set.count }, (_, place) => place)
      Object.assign(arrays, textRows(texts).arraysOf(places))
    }
    return allMeasured({ kind: 'images', part: { count: set.count, arrays }, coding, notices: [] })
  },
})

function pixelsAs(
  { pixels, count, height, width, channels }: ImageSet,
  image: Size & { readonly channels: number },
): Uint8Array {
  if (height === image.height && width === image.width && channels === image.channels) return pixels
  const from = height * width * channels
  const to = image.height * image.width * image.channels
  const out = new Uint8Array(count * to)
  for (let item = 0; item < count; item++) {
    const picture = { height, width, channels, pixels: pixels.subarray(item * from, (item + 1) * from) }
    out.set(toSize(inColors(picture, image.channels), image).pixels, item * to)
  }
  return out
}

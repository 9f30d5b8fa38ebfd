import { decodeImageSet } from '../images/imageSet.ts'
import { splitPictures } from '../images/splitPictures.ts'
import { defineStep } from '../steps/defineStep.ts'
import type { Content } from './content.ts'
import type { ItemTexts } from './learnTextsTokenizer.ts'

/** Captions of a set of images; null where it has none. */
export default defineStep<null, { content: Content }, ItemTexts | null>({
  id: 'images/captions',
  title: 'Captions',
  version: 1,
  codec: null,
  async run({ inputs: { content } }) {
    const set = decodeImageSet(await content.whole())
    if (set.captions.length === 0) return null
    return { texts: set.captions, targets: null, items: splitPictures(set) }
  },
})

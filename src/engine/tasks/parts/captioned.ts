import type { DataFacts } from '../../../core/dataFacts.ts'
import type { RunConfig } from '../../../core/runConfig.ts'
import { reshape, type Tensor2D, type Tensor4D } from '../../backend/tfjs.ts'
import type { Head, InputOf, SizesOf } from '../../models/modelInputs.ts'
import { factOf, type ArraySpec, type TaskBatch } from '../defineTask.ts'
import { textArrays } from './itemTexts.ts'

/** What tasks share that read a picture and a text of each item. */
export function lackOfCaptions({ image, textTokens }: DataFacts): string | null {
  if (image === undefined) return 'needs pictures'
  return textTokens === undefined ? 'needs pictures with captions, and these have none' : null
}

export function captionedSizes(facts: DataFacts, head: Head): SizesOf<'captionedImages'> {
  return { image: factOf(facts, 'image'), text: { vocabSize: factOf(facts, 'vocabSize') }, head }
}

export function captionedArrays(facts: DataFacts, config: RunConfig): Record<string, ArraySpec> {
  const { height, width, channels } = factOf(facts, 'image')
  return {
    pixels: { dtype: 'float32', perItem: height * width * channels, range: null, label: 'pixels' },
    ...textArrays(facts, config),
    textIds: { dtype: 'int32', perItem: 1, range: null, label: 'which captions are equal' },
  }
}

export function captionedInput({ arrays, batchSize, facts }: TaskBatch): InputOf<'captionedImages'> {
  const { height, width, channels } = factOf(facts, 'image')
  const pixels: Tensor4D = reshape(arrays['pixels']!, [batchSize, height, width, channels])
  const ids = arrays['texts']!
  const seqLen = ids.size / batchSize
  const mask: Tensor2D = reshape(arrays['textMask']!, [batchSize, seqLen])
  return { image: { pixels }, text: { ids, batchSize, seqLen, mask } }
}

import { reshape, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { outputOf } from '../models/modelInputs.ts'
import { defineTask, factOf } from './defineTask.ts'
import { labelsArray } from './parts/classScores.ts'
import { textArrays } from './parts/itemTexts.ts'
import { collectPairs, measurePairs } from './parts/pairVectors.ts'
import { lossesOf } from './parts/lossesOf.ts'
import { viewSearch } from './parts/searchView.ts'

/** Which words belong to a picture, and which picture to some words. */
export default defineTask({
  id: 'image-text',
  title: 'Images and captions',
  summary: 'Brings pictures and their captions into one space, to find the one by the other.',
  dataKinds: ['images'],
  models: ['dual-encoder'],
  losses: lossesOf('clip', ['pairs', 'labelledPairs']),
  canWrite: false,
  lack(facts) {
    if (facts.image === undefined) return 'needs pictures'
    return facts.textTokens === undefined ? 'needs pictures with captions, and these have none' : null
  },
  unit: 'items',
  sizes: (facts) => ({
    captionedImages: {
      image: factOf(facts, 'image'),
      text: { vocabSize: factOf(facts, 'vocabSize') },
      head: { kind: 'none' },
    },
  }),
  arrays(facts, config) {
    const { height, width, channels } = factOf(facts, 'image')
    const hasLabels = (facts.classes?.length ?? 0) > 0
    return {
      pixels: { dtype: 'float32', perItem: height * width * channels, range: null, label: 'pixels' },
      ...textArrays(facts, config),
      textIds: { dtype: 'int32', perItem: 1, range: null, label: 'which captions are equal' },
      ...(hasLabels ? { labels: { ...labelsArray(facts), isTarget: false } } : {}),
    }
  },
  lossWidth: (_facts, { model }) => Number(model['projectionDim']),
  forward(predict, { arrays, batchSize, facts }) {
    const { height, width, channels } = factOf(facts, 'image')
    const pixels: Tensor4D = reshape(arrays['pixels']!, [batchSize, height, width, channels])
    const tokens = arrays['texts']!
    const seqLen = tokens.size / batchSize
    const mask: Tensor2D = reshape(arrays['textMask']!, [batchSize, seqLen])
    const text = { ids: tokens, batchSize, seqLen, mask }
    const { a, b } = outputOf(predict({ captionedImages: { image: { pixels }, text } }), 'pair')
    const pairs = { a, b, ids: arrays['textIds']! }
    const labels = arrays['labels']
    return { pairs, ...(labels === undefined ? {} : { labelledPairs: { ...pairs, labels } }) }
  },
  measuredKind: 'pairs',
  measure: measurePairs,
  collect: collectPairs,
  view: viewSearch,
})

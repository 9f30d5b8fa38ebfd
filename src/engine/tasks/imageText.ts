import { outputOf } from '../models/modelInputs.ts'
import { defineTask } from './defineTask.ts'
import { captionedArrays, captionedInput, captionedSizes, lackOfCaptions } from './parts/captioned.ts'
import { labelsArray } from './parts/classScores.ts'
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
  lack: lackOfCaptions,
  unit: 'items',
  sizes: (facts) => ({ captionedImages: captionedSizes(facts, { kind: 'none' }) }),
  arrays(facts, config) {
    const hasLabels = (facts.classes?.length ?? 0) > 0
    return {
      ...captionedArrays(facts, config),
      ...(hasLabels ? { labels: { ...labelsArray(facts), isTarget: false } } : {}),
    }
  },
  lossWidth: (_facts, { model }) => Number(model['projectionDim']),
  forward(predict, batch) {
    const { arrays } = batch
    const { a, b } = outputOf(predict({ captionedImages: captionedInput(batch) }), 'pair')
    const pairs = { a, b, ids: arrays['textIds']! }
    const labels = arrays['labels']
    return { pairs, ...(labels === undefined ? {} : { labelledPairs: { ...pairs, labels } }) }
  },
  measuredKind: 'pairs',
  measure: measurePairs,
  collect: collectPairs,
  view: viewSearch,
})

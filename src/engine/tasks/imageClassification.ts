import { reshape, type Tensor4D } from '../backend/tfjs.ts'
import { outputOf } from '../models/modelInputs.ts'
import { defineTask, factOf } from './defineTask.ts'
import { collectScores, labelsArray, lackOfClasses, measureScores } from './parts/classScores.ts'
import { viewScores } from './parts/classView.ts'

/** Which class is on a picture. */
export default defineTask({
  id: 'image-classification',
  title: 'Image classification',
  summary: 'Learns from pictures with labels to say what is on new ones.',
  dataKinds: ['images'],
  models: ['vit', 'conv-net'],
  losses: ['cross-entropy', 'focal'],
  lack: (facts) => (facts.image === undefined ? 'needs pictures' : lackOfClasses(facts)),
  canWrite: false,
  unit: 'items',
  sizes: (facts) => ({
    images: {
      ...factOf(facts, 'image'),
      head: { kind: 'classes', count: factOf(facts, 'classes').length },
    },
  }),
  arrays(facts) {
    const { height, width, channels } = factOf(facts, 'image')
    return {
      pixels: { dtype: 'float32', perItem: height * width * channels, range: null, label: 'pixels' },
      labels: labelsArray(facts),
    }
  },
  lossWidth: (facts) => factOf(facts, 'classes').length,
  forward(predict, { arrays, batchSize, facts }) {
    const { height, width, channels } = factOf(facts, 'image')
    const pixels: Tensor4D = reshape(arrays['pixels']!, [batchSize, height, width, channels])
    return {
      classes: { logits: outputOf(predict({ images: { pixels } }), 'logits'), targets: arrays['labels']! },
    }
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: collectScores,
  view: viewScores,
})

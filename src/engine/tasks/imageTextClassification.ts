import { defineTask, factOf } from './defineTask.ts'
import { captionedArrays, captionedInput, captionedSizes, lackOfCaptions } from './parts/captioned.ts'
import {
  classInputs,
  classKinds,
  collectScores,
  labelsArray,
  lackOfClasses,
  measureScores,
} from './parts/classScores.ts'
import { viewScores } from './parts/classView.ts'

/** Which class something belongs to, by its picture and its text together. */
export default defineTask({
  id: 'image-text-classification',
  title: 'Pictures with captions to classes',
  summary: 'Learns from pictures, their captions and labels together what new ones are.',
  guesses: 'classes',
  dataKinds: ['images'],
  models: ['fusion'],
  defaultLoss: 'cross-entropy',
  gives: classKinds,
  canWrite: false,
  lack: (facts) => lackOfCaptions(facts) ?? lackOfClasses(facts),
  unit: 'items',
  sizes: (facts) => ({
    captionedImages: captionedSizes(facts, { kind: 'classes', count: factOf(facts, 'classes').length }),
  }),
  arrays: (facts, config) => ({ ...captionedArrays(facts, config), labels: labelsArray(facts) }),
  lossWidth: (facts) => factOf(facts, 'classes').length,
  forward(predict, batch) {
    const output = predict({ captionedImages: captionedInput(batch) })
    return classInputs(output, batch.arrays['labels']!, batch.facts.classCounts ?? null)
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: (batches, facts) => collectScores(batches, facts),
  view: (batches, facts, itemAt) => viewScores(batches, facts, itemAt),
})

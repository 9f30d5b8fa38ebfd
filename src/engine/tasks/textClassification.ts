import { reshape, type Tensor2D } from '../backend/tfjs.ts'
import { defineTask, factOf } from './defineTask.ts'
import {
  classInputs,
  classKinds,
  collectScores,
  labelsArray,
  lackOfClasses,
  measureScores,
} from './parts/classScores.ts'
import { viewScores } from './parts/classView.ts'
import { textArrays } from './parts/itemTexts.ts'

/** Which class a text belongs to. */
export default defineTask({
  id: 'text-classification',
  title: 'Text classification',
  summary: 'Learns from texts with labels, rows of a table, what new ones are about.',
  guesses: 'classes',
  dataKinds: ['table'],
  models: ['encoder'],
  defaultLoss: 'cross-entropy',
  gives: classKinds,
  canWrite: false,
  lack(facts) {
    return facts.textTokens === undefined
      ? 'needs a table with a column of texts, and this has none'
      : lackOfClasses(facts)
  },
  unit: 'items',
  sizes: (facts) => ({
    tokens: {
      vocabSize: factOf(facts, 'vocabSize'),
      head: { kind: 'classes', count: factOf(facts, 'classes').length },
    },
  }),
  arrays: (facts, config) => ({ ...textArrays(facts, config), labels: labelsArray(facts) }),
  lossWidth: (facts) => factOf(facts, 'classes').length,
  forward(predict, { arrays, batchSize, facts }) {
    const ids = arrays['texts']!
    const seqLen = ids.size / batchSize
    const mask: Tensor2D = reshape(arrays['textMask']!, [batchSize, seqLen])
    const output = predict({ tokens: { ids, batchSize, seqLen, mask, onlyRow: null } })
    return classInputs(output, arrays['labels']!, facts.classCounts ?? null)
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: collectScores,
  view: viewScores,
})

import { reshape, type Tensor2D } from '../backend/tfjs.ts'
import { lackOfFeatures } from './parts/lackOfFeatures.ts'
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

/** Which class a row of a table belongs to. */
export default defineTask({
  id: 'table-classification',
  title: 'Classes from tables',
  summary: 'Learns from rows of a table to say which class a new one belongs to.',
  guesses: 'classes',
  dataKinds: ['table'],
  models: ['mlp'],
  defaultLoss: 'cross-entropy',
  gives: classKinds,
  lack: (facts) => lackOfFeatures(facts) ?? lackOfClasses(facts),
  canWrite: false,
  unit: 'items',
  sizes: (facts) => ({
    features: {
      numFeatures: factOf(facts, 'numFeatures'),
      head: { kind: 'classes', count: factOf(facts, 'classes').length },
    },
  }),
  arrays: (facts) => ({
    features: { dtype: 'float32', perItem: factOf(facts, 'numFeatures'), range: null, label: 'features' },
    labels: labelsArray(facts),
  }),
  lossWidth: (facts) => factOf(facts, 'classes').length,
  forward(predict, { arrays, batchSize, facts }) {
    const rows: Tensor2D = reshape(arrays['features']!, [batchSize, -1])
    return classInputs(predict({ features: { rows } }), arrays['labels']!, facts.classCounts ?? null)
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: collectScores,
  view: viewScores,
})

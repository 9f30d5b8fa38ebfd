import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { reshape, type Tensor2D } from '../backend/tfjs.ts'
import { models } from '../models/registry.ts'
import { defineTask, factOf } from './defineTask.ts'
import { textArrays } from './parts/itemTexts.ts'
import {
  collectLabels,
  labelInputs,
  labelSetsArray,
  lackOfLabels,
  measureLabels,
} from './parts/labelScores.ts'
import { viewLabels } from './parts/labelView.ts'
import { lackOfFeatures } from './parts/lackOfFeatures.ts'

/** The model decides what of a row is read: its text, or its other columns. */
const readsTexts = ({ model }: RunConfig) => models.get(model.kind).accepts === 'tokens'

/** Which of some classes a row has, any number of them. */
export default defineTask({
  id: 'multi-label-classification',
  title: 'Several classes a row',
  summary: 'Learns from rows of a table that have any number of classes each which ones new rows have.',
  hasLabelSets: true,
  dataKinds: ['table'],
  models: ['encoder', 'mlp'],
  defaultLoss: 'binary-cross-entropy',
  gives: ['binary', 'multiLabelled'],
  canWrite: false,
  lack(facts, config) {
    if (!readsTexts(config)) return lackOfColumns(facts) ?? lackOfLabels(facts)
    return facts.textTokens === undefined
      ? 'needs a table with a column of texts for this model, and this has none: mlp reads the other columns'
      : lackOfLabels(facts)
  },
  unit: 'items',
  sizes(facts, config) {
    const head = { kind: 'classes', count: factOf(facts, 'labels').length } as const
    return readsTexts(config)
      ? { tokens: { vocabSize: factOf(facts, 'vocabSize'), head } }
      : { features: { numFeatures: factOf(facts, 'numFeatures'), head } }
  },
  arrays: (facts, config) => ({
    ...(readsTexts(config)
      ? textArrays(facts, config)
      : {
          features: {
            dtype: 'float32',
            perItem: factOf(facts, 'numFeatures'),
            range: null,
            label: 'features',
          } as const,
        }),
    labelSets: labelSetsArray(facts),
  }),
  lossWidth: (facts) => factOf(facts, 'labels').length,
  forward(predict, batch) {
    const { arrays, batchSize } = batch
    const ids = arrays['texts']
    if (ids === undefined) {
      const rows: Tensor2D = reshape(arrays['features']!, [batchSize, -1])
      return labelInputs(predict({ features: { rows } }), batch)
    }
    const seqLen = ids.size / batchSize
    const mask: Tensor2D = reshape(arrays['textMask']!, [batchSize, seqLen])
    return labelInputs(predict({ tokens: { ids, batchSize, seqLen, mask, onlyRow: null } }), batch)
  },
  measuredKind: 'labelSets',
  measure: measureLabels,
  collect: collectLabels,
  view: viewLabels,
})

function lackOfColumns(facts: DataFacts): string | null {
  if (facts.numFeatures === 0 && facts.textTokens !== undefined)
    return 'needs columns of numbers or categories for this model, and these are texts: encoder reads them'
  return lackOfFeatures(facts)
}

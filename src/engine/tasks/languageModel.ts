import { ignoredTarget } from '../losses/lossInputs.ts'
import { reshape, type Tensor1D } from '../backend/tfjs.ts'
import { nextTokenSizes, outputOf } from '../models/modelInputs.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { defineTask, factOf } from './defineTask.ts'

/** Next-token prediction on text (Bengio et al. 2003). */
export default defineTask({
  id: 'language-model',
  title: 'Language model',
  summary: 'Learns from text to say what comes next, and so to write.',
  guesses: 'tokens',
  dataKinds: ['text'],
  models: ['gpt'],
  defaultLoss: 'cross-entropy',
  gives: ['classes'],
  lack: ({ vocabSize }) => (vocabSize === undefined ? 'needs a text' : null),
  canWrite: true,
  unit: 'tokens',
  sizes: (facts) => nextTokenSizes(factOf(facts, 'vocabSize')),
  arrays(facts, config) {
    const most = factOf(facts, 'vocabSize') - 1
    const sequence = { dtype: 'int32', perItem: seqLenOf(config), sequence: 'tokens' } as const
    return {
      ids: { ...sequence, range: [0, most], label: 'tokens' },
      targets: { ...sequence, range: [ignoredTarget, most], label: 'targets', isTarget: true },
    }
  },
  lossWidth: (facts) => factOf(facts, 'vocabSize'),
  forward(predict, { arrays, batchSize }) {
    const ids = arrays['ids']!
    const seqLen = ids.size / batchSize
    const output = predict({ tokens: { ids, batchSize, seqLen, mask: null, onlyRow: null } })
    return { classes: { logits: outputOf(output, 'logits'), targets: arrays['targets']! } }
  },
  measuredKind: 'likelihood',
  // Perplexity is of likelihoods, smoothed or not.
  measure: (_inputs, _batch, lossOf): Tensor1D => reshape(lossOf('cross-entropy', {}), [1]),
  collect: (batches) => ({
    meanLoss: batches.reduce((sum, { measured }) => sum + measured[0]!, 0) / batches.length,
  }),
})

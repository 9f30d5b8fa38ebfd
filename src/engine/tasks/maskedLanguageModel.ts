import { ignoredTarget } from '../losses/lossInputs.ts'
import { reshape, type Tensor1D } from '../backend/tfjs.ts'
import { outputOf } from '../models/modelInputs.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { defineTask, factOf } from './defineTask.ts'

/** Hidden tokens of a text from those around them (Devlin et al. 2019). The token that hides others has the id after the last. */
export default defineTask({
  id: 'masked-language-model',
  title: 'Masked language model',
  summary: 'Learns from text to find hidden tokens again, by what stands on both sides.',
  guesses: 'tokens',
  dataKinds: ['text'],
  models: ['encoder'],
  losses: ['cross-entropy', 'focal'],
  lack: ({ vocabSize }) => (vocabSize === undefined ? 'needs a text' : null),
  canWrite: false,
  unit: 'tokens',
  sizes: (facts) => ({ tokens: { vocabSize: factOf(facts, 'vocabSize') + 1, head: { kind: 'tokens' } } }),
  arrays(facts, config) {
    const vocabSize = factOf(facts, 'vocabSize')
    const sequence = { dtype: 'int32', perItem: seqLenOf(config), sequence: 'tokens' } as const
    return {
      hiddenIds: { ...sequence, range: [0, vocabSize], label: 'tokens' },
      hiddenTargets: { ...sequence, range: [ignoredTarget, vocabSize - 1], label: 'targets', isTarget: true },
    }
  },
  lossWidth: (facts) => factOf(facts, 'vocabSize') + 1,
  forward(predict, { arrays, batchSize }) {
    const ids = arrays['hiddenIds']!
    const seqLen = ids.size / batchSize
    const output = predict({ tokens: { ids, batchSize, seqLen, mask: null, onlyRow: null } })
    return { classes: { logits: outputOf(output, 'logits'), targets: arrays['hiddenTargets']! } }
  },
  measuredKind: 'likelihood',
  measure: (_inputs, _batch, lossOf): Tensor1D =>
    reshape(lossOf('cross-entropy', { labelSmoothing: 0 }), [1]),
  collect: (batches) => ({
    meanLoss: batches.reduce((sum, { measured }) => sum + measured[0]!, 0) / batches.length,
  }),
})

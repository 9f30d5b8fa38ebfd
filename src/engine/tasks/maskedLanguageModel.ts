import { ignoredTarget } from '../losses/lossInputs.ts'
import { gather, reshape, type Tensor1D } from '../backend/tfjs.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { outputOf, type ModelInputs } from '../models/modelInputs.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { defineTask, factOf, type TaskBatch } from './defineTask.ts'
import { viewHiddenTokens } from './parts/hiddenTokensView.ts'

function tokensOf({ arrays, batchSize }: TaskBatch): ModelInputs {
  const ids = arrays['hiddenIds']!
  return { tokens: { ids, batchSize, seqLen: ids.size / batchSize, mask: null, onlyRow: null } }
}

/** Hidden tokens of a text from those around them (Devlin et al. 2019). The token that hides others has the id after the last. */
export default defineTask({
  id: 'masked-language-model',
  title: 'Masked language model',
  summary: 'Learns from text to find hidden tokens again, by what stands on both sides.',
  guesses: 'tokens',
  dataKinds: ['text'],
  models: ['encoder'],
  defaultLoss: 'cross-entropy',
  gives: ['classes'],
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
  forward(predict, batch) {
    const logits = outputOf(predict(tokensOf(batch)), 'logits')
    return { classes: { logits, targets: batch.arrays['hiddenTargets']! } }
  },
  recalling: {
    scores(predict, batch, places) {
      const logits = outputOf(predict(tokensOf(batch)), 'logits')
      return 'table' in logits ? rowScores(gather(logits.rows, places), logits.table) : gather(logits, places)
    },
  },
  measuredKind: 'likelihood',
  measure: (_inputs, _batch, lossOf): Tensor1D => reshape(lossOf('cross-entropy', {}), [1]),
  collect: (batches) => ({
    meanLoss: batches.reduce((sum, { measured }) => sum + measured[0]!, 0) / batches.length,
  }),
  view: viewHiddenTokens,
})

import { vocabSizeWithEdges } from '../../core/edgeTokens.ts'
import { reshape, type Tensor2D } from '../backend/tfjs.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { ignoredTarget } from '../losses/lossInputs.ts'
import { outputOf, type ModelInputs } from '../models/modelInputs.ts'
import { models } from '../models/registry.ts'
import type { KeyValueCache } from '../nn/keyValueCache.ts'
import { rowOfEach } from '../nn/rowOfEach.ts'
import { defineTask, factOf, type TaskBatch } from './defineTask.ts'
import { textArrays } from './parts/itemTexts.ts'
import { viewTranslations } from './parts/translationView.ts'

function pairsOf({ arrays, batchSize }: TaskBatch, cache: KeyValueCache | null = null): ModelInputs {
  const [texts, targetIds] = [arrays['texts']!, arrays['targetIds']!]
  const readLength = texts.size / batchSize
  const mask: Tensor2D = reshape(arrays['textMask']!, [batchSize, readLength])
  return {
    sequencePairs: {
      source: { ids: texts, batchSize, seqLen: readLength, mask },
      target: { ids: targetIds, batchSize, seqLen: targetIds.size / batchSize, mask: null },
      cache,
    },
  }
}

/** One text into another: translations, spellings, answers; what is to be written is the target of a table. */
export default defineTask({
  id: 'translation',
  title: 'Translation',
  summary: 'Learns from pairs of texts, two columns of a table, to turn the one into the other.',
  guesses: 'tokens',
  dataKinds: ['table'],
  models: ['encoder-decoder'],
  defaultLoss: 'cross-entropy',
  gives: ['classes', 'sequences'],
  canWrite: true,
  lack({ textTokens, targetTokens }) {
    if (targetTokens === undefined)
      return 'needs a target that is a text (data.table.targetKind: text), and this one is a class or a number'
    return textTokens === undefined ? 'needs a second column of texts, and this has none' : null
  },
  unit: 'items',
  sizes(facts) {
    const sizes = { vocabSize: vocabSizeWithEdges(factOf(facts, 'vocabSize')) }
    return { sequencePairs: { source: sizes, target: sizes } }
  },
  arrays(facts, config) {
    const most = vocabSizeWithEdges(factOf(facts, 'vocabSize')) - 1
    // One more than the longest has: the start, or the end.
    const length = factOf(facts, 'targetTokens') + 1
    const perItem = Math.min(length, models.get(config.model.kind).seqLen(config.model) ?? length)
    return {
      ...textArrays(facts, config),
      targetIds: {
        dtype: 'int32',
        perItem,
        sequence: 'targets',
        range: [0, most],
        label: 'tokens of targets',
      },
      targetNext: {
        dtype: 'int32',
        perItem,
        sequence: 'targets',
        range: [ignoredTarget, most],
        label: 'tokens to be written',
        isTarget: true,
      },
    }
  },
  lossWidth: (facts) => vocabSizeWithEdges(factOf(facts, 'vocabSize')),
  forward(predict, batch) {
    const logits = outputOf(predict(pairsOf(batch)), 'logits')
    const targets = batch.arrays['targetNext']!
    const classes = { logits, targets }
    if ('table' in logits) return { classes }
    const places = [batch.batchSize, targets.size / batch.batchSize] as const
    return {
      classes,
      sequences: {
        logits: reshape(logits, [...places, logits.shape[1]]),
        targets: reshape(targets, [...places]),
      },
    }
  },
  writing: {
    next(predict, batch, { row, cache }) {
      const logits = outputOf(predict(pairsOf(batch, cache)), 'logits')
      if (!('table' in logits)) return logits
      const { rows, table } = logits
      return rowScores(cache?.row ? rows : rowOfEach(rows, row, batch.batchSize), table)
    },
    attention: (predict, batch) => outputOf(predict(pairsOf(batch)), 'attention'),
  },
  measuredKind: 'writing',
  collect(batches) {
    const written = batches.flatMap((batch) => batch.written ?? [])
    return { said: written.map(({ said }) => said), right: written.map(({ right }) => right) }
  },
  view: viewTranslations,
})

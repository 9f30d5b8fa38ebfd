import { reshape, type Tensor2D } from '../backend/tfjs.ts'
import { logitsOf, outputOf } from '../models/modelInputs.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { valuesReport } from '../../core/valuesReport.ts'
import type { Measured } from '../evaluation/defineMetric.ts'
import { lackOfFeatures } from './parts/lackOfFeatures.ts'
import { defineTask, factOf, type MeasuredBatch } from './defineTask.ts'

/** A number of a row of a table. It is learned in standard deviations, and measured in its own unit. */
export default defineTask({
  id: 'table-regression',
  title: 'Numbers from tables',
  summary: 'Learns from rows of a table to say a number of a new one.',
  dataKinds: ['table'],
  models: ['mlp'],
  defaultLoss: 'mean-squared-error',
  gives: ['values'],
  lack(facts) {
    const lack = lackOfFeatures(facts)
    if (lack !== null) return lack
    return facts.target === undefined
      ? 'needs a target that is a number, and this one is a class (data.table.targetKind: number takes its values as numbers)'
      : null
  },
  canWrite: false,
  unit: 'items',
  sizes: (facts) => ({
    features: { numFeatures: factOf(facts, 'numFeatures'), head: { kind: 'classes', count: 1 } },
  }),
  arrays: (facts) => ({
    features: { dtype: 'float32', perItem: factOf(facts, 'numFeatures'), range: null, label: 'features' },
    targets: { dtype: 'float32', perItem: 1, range: null, label: 'targets' },
  }),
  lossWidth: () => 1,
  forward(predict, { arrays, batchSize }) {
    const rows: Tensor2D = reshape(arrays['features']!, [batchSize, -1])
    const prediction = logitsOf({ logits: outputOf(predict({ features: { rows } }), 'logits') })
    return { values: { prediction, target: reshape(arrays['targets']!, [batchSize, 1]) } }
  },
  measuredKind: 'values',
  measure: ({ values }) => reshape(values!.prediction, [-1]),
  collect,
  view(batches, facts) {
    const { prediction, target } = collect(batches, facts)
    const every = Math.max(1, target.length / mostPoints)
    const points = Array.from({ length: Math.min(mostPoints, target.length) }, (_, i) => {
      const item = Math.floor(i * every)
      return [target[item]!, prediction[item]!] as const
    })
    return { kind: 'predictions', points, figures: valuesReport(target, prediction) }
  },
})

const mostPoints = 500

/** Both in the unit of the target. */
function collect(batches: readonly MeasuredBatch[], facts: DataFacts): Measured['values'] {
  const { mean, deviation } = factOf(facts, 'target')
  const gathered = (rows: (batch: MeasuredBatch) => ArrayLike<number>) =>
    Float32Array.from(
      batches.flatMap((batch) => Array.from(rows(batch)).slice(0, batch.validItems)),
      (value) => value * deviation + mean,
    )
  return {
    prediction: gathered(({ measured }) => measured),
    target: gathered(({ arrays }) => arrays['targets']!),
  }
}

import type { DataFacts } from '../../../core/dataFacts.ts'
import { reshape, type Tensor1D, type Tensor2D } from '../../backend/tfjs.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import type { LossInputs } from '../../losses/lossInputs.ts'
import { logitsOf, outputOf, type ModelOutput } from '../../models/modelInputs.ts'
import { factOf, type ArraySpec, type MeasuredBatch, type TaskBatch } from '../defineTask.ts'

/** 1 where an item has a label, else 0. */
export const labelSetsArray = (facts: DataFacts): ArraySpec => ({
  dtype: 'float32',
  perItem: factOf(facts, 'labels').length,
  range: [0, 1],
  label: 'labels',
})

export function lackOfLabels({ labels, classes = [], target, targetTokens }: DataFacts): string | null {
  if (labels !== undefined) return null
  const got =
    classes.length > 0
      ? 'one class: the tasks of classification say which'
      : target !== undefined
        ? 'a number'
        : targetTokens !== undefined
          ? 'a text'
          : 'none'
  return `needs a target with several classes of each item (data.table.targetKind: labels), and this one has ${got}`
}

/** Whether each label is there, a question of its own; and what lies before the scores, with the labels. */
export function labelInputs(
  output: ModelOutput,
  { arrays, batchSize, facts }: TaskBatch,
): Pick<LossInputs, 'binary' | 'multiLabelled'> {
  const targets: Tensor2D = reshape(arrays['labelSets']!, [batchSize, factOf(facts, 'labels').length])
  return {
    binary: {
      logits: logitsOf(output),
      targets,
      positiveWeights: null,
      positiveShares: facts.labelShares ?? null,
    },
    multiLabelled: { embeddings: outputOf(output, 'pooled'), labels: targets },
  }
}

/** [B * L]: the scores as they are. */
export function measureLabels({ binary }: Partial<LossInputs>): Tensor1D {
  return reshape(binary!.logits, [-1])
}

/** Scores and labels of all items that count. */
export function collectLabels(batches: readonly MeasuredBatch[], facts: DataFacts): Measured['labelSets'] {
  const numLabels = factOf(facts, 'labels').length
  const count = batches.reduce((sum, { validItems }) => sum + validItems, 0)
  const logits = new Float32Array(count * numLabels)
  const targets = new Uint8Array(count * numLabels)
  let at = 0
  for (const { arrays, validItems, measured } of batches) {
    const length = validItems * numLabels
    logits.set(measured.subarray(0, length), at)
    targets.set(arrays['labelSets']!.subarray(0, length), at)
    at += length
  }
  return { logits, targets, numLabels }
}

import type { DataFacts } from '../../../core/dataFacts.ts'
import { reshape, type Tensor1D } from '../../backend/tfjs.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import type { LossInputs } from '../../losses/lossInputs.ts'
import type { MeasuredBatch } from '../defineTask.ts'

/** [B * D]: the vector of each item, before any projection. */
export function measureVectors({ embeddings }: Partial<LossInputs>): Tensor1D {
  return reshape(embeddings!.embeddings, [-1])
}

/** Vectors, and labels where there are any, of all items that count. */
export function collectVectors(
  batches: readonly MeasuredBatch[],
  { classes = [] }: DataFacts,
): Measured['vectors'] {
  const first = batches[0]
  const width = first === undefined ? 0 : first.measured.length / first.batchSize
  const count = batches.reduce((sum, { validItems }) => sum + validItems, 0)
  const vectors = new Float32Array(count * width)
  const labels = classes.length > 0 ? new Int32Array(count) : null
  let at = 0
  for (const { arrays, validItems, measured } of batches) {
    vectors.set(measured.subarray(0, validItems * width), at * width)
    labels?.set(arrays['labels']!.subarray(0, validItems), at)
    at += validItems
  }
  return { vectors, width, labels, numClasses: classes.length }
}

import { concat, reshape, type Tensor1D } from '../../backend/tfjs.ts'
import type { Measured } from '../../evaluation/defineMetric.ts'
import type { LossInputs } from '../../losses/lossInputs.ts'
import type { MeasuredBatch } from '../defineTask.ts'

/** [B * 2D]: the vectors of both sides of each pair, one after the other. */
export function measurePairs({ pairs }: Partial<LossInputs>): Tensor1D {
  return reshape(concat([pairs!.a, pairs!.b], 1), [-1])
}

/** Both sides, and what belongs together, of all pairs that count. */
export function collectPairs(batches: readonly MeasuredBatch[]): Measured['pairs'] {
  const first = batches[0]
  const width = first === undefined ? 0 : first.measured.length / first.batchSize / 2
  const count = batches.reduce((sum, { validItems }) => sum + validItems, 0)
  const [a, b] = [new Float32Array(count * width), new Float32Array(count * width)]
  const ids = new Int32Array(count)
  let at = 0
  for (const { arrays, validItems, measured } of batches) {
    ids.set(arrays['textIds']!.subarray(0, validItems), at)
    for (let row = 0; row < validItems; row++, at++) {
      const own = 2 * row * width
      a.set(measured.subarray(own, own + width), at * width)
      b.set(measured.subarray(own + width, own + 2 * width), at * width)
    }
  }
  return { a, b, ids, width }
}

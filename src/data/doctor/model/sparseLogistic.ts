import { Generator } from '../../../core/rng.ts'
import type { SparseMatrix } from '../features/textFeatures.ts'

const epochs = 12
const learningRate = 0.5
const adagradFloor = 1e-8

/**
 * Multinomial logistic regression on sparse rows by AdaGrad (Duchi, Hazan and Singer 2011), one row at a time in an order
 * drawn by the seed. Writes scores of the rows `held` into `out` [N, C].
 * @param rows places of the rows that are learned from
 */
export function fitSparse(
  input: SparseMatrix,
  { labels, numClasses, seed }: { labels: Int32Array; numClasses: number; seed: number },
  { rows, held, out }: { rows: Int32Array; held: Int32Array; out: Float64Array },
): void {
  const { starts, columns, values } = input
  const weights = new Float64Array((input.width + 1) * numClasses)
  const squares = new Float64Array(weights.length)
  const bias = input.width * numClasses
  const scores = new Float64Array(numClasses)
  const scoreInto = (row: number, sums: Float64Array, at: number) => {
    for (let k = 0; k < numClasses; k++) sums[at + k] = weights[bias + k]!
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const start = columns[entry]! * numClasses
      for (let k = 0; k < numClasses; k++) sums[at + k]! += values[entry]! * weights[start + k]!
    }
  }
  const move = (at: number, slope: number) => {
    squares[at]! += slope * slope
    weights[at]! -= (learningRate * slope) / Math.sqrt(squares[at]! + adagradFloor)
  }
  const generator = new Generator(seed, 'doctor epochs')
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const place of generator.permutation(rows.length, epoch)) {
      const row = rows[place]!
      scoreInto(row, scores, 0)
      const most = scores.reduce((a, b) => Math.max(a, b), -Infinity)
      let total = 0
      for (let k = 0; k < numClasses; k++) total += scores[k] = Math.exp(scores[k]! - most)
      for (let k = 0; k < numClasses; k++) scores[k] = scores[k]! / total - (labels[row] === k ? 1 : 0)
      for (let k = 0; k < numClasses; k++) move(bias + k, scores[k]! * 0.1)
      for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
        const start = columns[entry]! * numClasses
        for (let k = 0; k < numClasses; k++) move(start + k, values[entry]! * scores[k]!)
      }
    }
  for (const row of held) scoreInto(row, out, row * numClasses)
}

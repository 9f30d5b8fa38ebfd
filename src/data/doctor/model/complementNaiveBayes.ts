import type { SparseMatrix } from '../features/textFeatures.ts'

/** Added to each term's weight in a class, so that an unseen one does not rule the class out. */
const smoothing = 0.2

/**
 * Complement naive Bayes (Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text classifiers"): a class is as
 * likely as the terms of a text are rare in all other classes. Counting bears wrong labels well, and is done in one pass.
 * Writes scores of the rows `held` into `out` [N, C].
 * @param rows places of the rows that are learned from
 */
export function fitComplementNaiveBayes(
  input: SparseMatrix,
  { labels, numClasses }: { labels: Int32Array; numClasses: number },
  { rows, held, out }: { rows: Int32Array; held: Int32Array; out: Float64Array },
): void {
  const { starts, columns, values } = input
  const counts = new Float64Array(input.width * numClasses)
  const totals = new Float64Array(numClasses)
  const all = new Float64Array(input.width)
  for (const row of rows)
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const [column, value, label] = [columns[entry]!, values[entry]!, labels[row]!]
      counts[column * numClasses + label]! += value
      totals[label]! += value
      all[column]! += value
    }
  const terms = all.reduce((sum, total) => sum + Number(total > 0), 0)
  const whole = totals.reduce((sum, total) => sum + total, 0)
  for (const row of held)
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const column = columns[entry]!
      for (let k = 0; k < numClasses; k++) {
        const others = all[column]! - counts[column * numClasses + k]! + smoothing
        const total = whole - totals[k]! + smoothing * terms
        out[row * numClasses + k]! -= values[entry]! * Math.log(others / total)
      }
    }
}

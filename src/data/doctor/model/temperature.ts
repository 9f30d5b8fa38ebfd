/**
 * Rows of scores as probabilities: softmax(score / temperature), the temperature being the one under which the given labels
 * are likeliest (Guo et al. 2017, "On calibration of modern neural networks"), by golden-section search on its logarithm.
 * [N, C] row-major
 */
export function calibrated(
  scores: Float64Array,
  labels: Int32Array,
  numClasses: number,
): { probabilities: Float64Array; loss: number } {
  const lossAt = (logarithm: number) =>
    lossOf(scores, labels, { numClasses, temperature: Math.exp(logarithm) })
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [Math.log(1e-3), Math.log(1e3)]
  for (let round = 0; round < 40; round++) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
    if (lossAt(left) < lossAt(right)) high = right
    else low = left
  }
  const temperature = Math.exp((low + high) / 2)
  const probabilities = new Float64Array(scores.length)
  for (let at = 0; at < scores.length; at += numClasses)
    probabilities.set(softmax(scores.subarray(at, at + numClasses), temperature), at)
  return { probabilities, loss: lossAt((low + high) / 2) }
}

/** Mean negative logarithm of the labels' probabilities. */
function lossOf(
  scores: Float64Array,
  labels: Int32Array,
  { numClasses, temperature }: { numClasses: number; temperature: number },
): number {
  let sum = 0
  labels.forEach((label, item) => {
    const start = item * numClasses
    let most = -Infinity
    for (let k = 0; k < numClasses; k++) most = Math.max(most, scores[start + k]!)
    let total = 0
    for (let k = 0; k < numClasses; k++) total += Math.exp((scores[start + k]! - most) / temperature)
    sum += Math.log(total) - (scores[start + label]! - most) / temperature
  })
  return sum / labels.length
}

function softmax(scores: Float64Array, temperature: number): Float64Array {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity)
  const weights = scores.map((score) => Math.exp((score - most) / temperature))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / total)
}

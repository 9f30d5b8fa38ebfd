import type { Measured } from './defineMetric.ts'

/** The class with the highest score; the first of equals. */
export function bestClass({ logits, numClasses }: Measured['classes'], item: number): number {
  let best = 0
  const first = item * numClasses
  for (let i = 1; i < numClasses; i++) if (logits[first + i]! > logits[first + best]!) best = i
  return best
}

/** Counts [C, C]: rows by the right class, columns by the one that was said. */
export function confusion(measured: Measured['classes']): Int32Array {
  const { targets, numClasses } = measured
  const counts = new Int32Array(numClasses * numClasses)
  targets.forEach((target, item) => counts[target * numClasses + bestClass(measured, item)]!++)
  return counts
}

/** Probabilities of item `item`, in float64. */
export function probabilities({ logits, numClasses }: Measured['classes'], item: number): Float64Array {
  const own = Float64Array.from(logits.subarray(item * numClasses, (item + 1) * numClasses))
  const most = own.reduce((max, value) => Math.max(max, value), -Infinity)
  const powers = own.map((value) => Math.exp(value - most))
  const sum = powers.reduce((total, value) => total + value, 0)
  return powers.map((value) => value / sum)
}

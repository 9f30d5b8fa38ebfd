import { defineMetric, type Measured } from './defineMetric.ts'

/** What the squares of weights cost, against one item's error, with features of deviation 1. */
const ridge = 1

/**
 * Accuracy of a linear classifier on the vectors: ridge regression to the classes (Hastie et al. 2009, 4.2), fitted to every
 * other item and tested on the rest, then the other way round, all items counting once. In float64 and in closed form, so
 * that it depends on nothing but the vectors.
 */
export default defineMetric({
  id: 'linearProbe',
  label: 'Linear probe',
  better: 'higher',
  of: 'vectors',
  compute(measured) {
    const { labels } = measured
    if (labels === null || labels.length < 4) return null
    return [0, 1].reduce((sum, fold) => sum + rightIn(measured, labels, fold), 0) / labels.length
  },
})

/** How many items of the other fold a classifier of this one gets right. */
function rightIn(
  { vectors, width, numClasses }: Measured['vectors'],
  labels: Int32Array,
  fold: number,
): number {
  const items = Array.from(labels.keys())
  const fitted = items.filter((item) => item % 2 === fold)
  const { means, scales } = standardOf(vectors, width, fitted)
  const size = width + 1
  const row = (item: number) =>
    Float64Array.from({ length: size }, (_, i) =>
      i === width ? 1 : (vectors[item * width + i]! - means[i]!) * scales[i]!,
    )
  const system = new Float64Array(size * size)
  const sides = new Float64Array(size * numClasses)
  for (const item of fitted) {
    const x = row(item)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) system[i * size + j]! += x[i]! * x[j]!
      sides[i * numClasses + labels[item]!]! += x[i]!
    }
  }
  for (let i = 0; i < width; i++) system[i * size + i]! += ridge
  solve(system, sides, size)
  let right = 0
  for (const item of items) {
    if (item % 2 === fold) continue
    const x = row(item)
    const scores = Float64Array.from({ length: numClasses }, (_, label) =>
      x.reduce((sum, value, i) => sum + value * sides[i * numClasses + label]!, 0),
    )
    right += scores.indexOf(Math.max(...scores)) === labels[item] ? 1 : 0
  }
  return right
}

function standardOf(vectors: Float32Array, width: number, items: readonly number[]) {
  const means = new Float64Array(width)
  const squares = new Float64Array(width)
  for (const item of items)
    for (let i = 0; i < width; i++) means[i]! += vectors[item * width + i]! / items.length
  for (const item of items)
    for (let i = 0; i < width; i++)
      squares[i]! += (vectors[item * width + i]! - means[i]!) ** 2 / items.length
  return { means, scales: squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)) }
}

/** Solves A X = B in place of B for a symmetric positive definite A (Cholesky). */
function solve(a: Float64Array, b: Float64Array, size: number): void {
  const columns = b.length / size
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!
      for (let k = 0; k < j; k++) sum -= a[i * size + k]! * a[j * size + k]!
      a[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * size + j]!
    }
  for (let column = 0; column < columns; column++) {
    for (let i = 0; i < size; i++) {
      let sum = b[i * columns + column]!
      for (let k = 0; k < i; k++) sum -= a[i * size + k]! * b[k * columns + column]!
      b[i * columns + column] = sum / a[i * size + i]!
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = b[i * columns + column]!
      for (let k = i + 1; k < size; k++) sum -= a[k * size + i]! * b[k * columns + column]!
      b[i * columns + column] = sum / a[i * size + i]!
    }
  }
}

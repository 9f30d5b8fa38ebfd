import { usualPolynomial } from '../../src/engine/kernels/newtonSchulz/newtonSchulz.ts'

type Matrix = number[][]
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)))
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!))

/** In float64 with plain loops, always from the left. */
export function newtonSchulzReference(
  x: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  steps: number,
): number[] {
  const [a, b, c] = usualPolynomial.coefficients
  const norm = Math.max(Math.hypot(...Array.from(x)), 1e-7)
  let y: Matrix = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => x[i * columns + j]! / norm),
  )
  for (let step = 0; step < steps; step++) {
    const gram = times(y, transposed(y))
    const square = times(gram, gram)
    const inner = gram.map((row, i) => row.map((value, j) => b * value + c * square[i]![j]!))
    const added = times(inner, y)
    y = y.map((row, i) => row.map((value, j) => a * value + added[i]![j]!))
  }
  return y.flat()
}

import { pairwiseSum } from './pairwiseSum.ts'

/** Halves go to the even neighbour, as IEEE 754 and NumPy round. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/**
 * A matrix in whole numbers such that the total of each row stays: those with the largest remainders are moved.
 * @param width entries of a row
 */
export function roundRows(matrix: Float64Array, width: number): Int32Array {
  const rounded = new Int32Array(matrix.length)
  for (let at = 0; at < matrix.length; at += width)
    rounded.set(roundKeepingSum(matrix.subarray(at, at + width)), at)
  return rounded
}

function roundKeepingSum(values: Float64Array): Float64Array {
  const whole = values.map(roundHalfEven)
  const wanted = roundHalfEven(pairwiseSum(values))
  for (;;) {
    const missing = wanted - whole.reduce((sum, value) => sum + value, 0)
    if (missing === 0) return whole
    const step = Math.sign(missing)
    const order = Array.from(values, (value, i) => ({ i, rest: value - whole[i]! })).sort(
      (a, b) => a.rest - b.rest,
    )
    if (step > 0) order.reverse()
    for (const { i } of order.slice(0, Math.abs(missing))) whole[i]! += step
  }
}

/** Up to so many numbers are added in eight running sums. */
const blockLength = 128

/**
 * The sum in NumPy's order: eight running sums in a block, halves of longer stretches one by one (Higham 1993,
 * "The accuracy of floating point summation"). Its error grows with log n, and counts that are rounded afterwards come
 * out as in the reference, to the last bit.
 */
export function pairwiseSum(values: ArrayLike<number>, start = 0, end = values.length): number {
  const length = end - start
  if (length < 8) {
    let sum = 0
    for (let i = start; i < end; i++) sum += values[i]!
    return sum
  }
  if (length > blockLength) {
    const half = Math.floor(length / 2)
    const middle = start + half - (half % 8)
    return pairwiseSum(values, start, middle) + pairwiseSum(values, middle, end)
  }
  const sums = Array.from({ length: 8 }, (_, i) => values[start + i]!)
  const whole = length - (length % 8)
  for (let i = 8; i < whole; i++) sums[i % 8]! += values[start + i]!
  let sum = sums[0]! + sums[1]! + (sums[2]! + sums[3]!) + (sums[4]! + sums[5]! + (sums[6]! + sums[7]!))
  for (let i = whole; i < length; i++) sum += values[start + i]!
  return sum
}

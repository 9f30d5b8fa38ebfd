/**
 * How many examples of each label are to be flagged for each guess, from the calibrated joint: each class keeps at least
 * one example, which the other entries of its row give up in equal shares. In whole numbers, fractions cut off.
 * [given, guess]; the diagonal is what stays.
 */
export function pruneCounts(calibrated: Int32Array, numClasses: number): Int32Array {
  const counts = new Int32Array(calibrated.length)
  for (let given = 0; given < numClasses; given++) {
    const row = calibrated.subarray(given * numClasses, (given + 1) * numClasses)
    const kept = Math.max(1, row[given]!)
    const sources = Math.max(1, row.filter((count) => count !== 0).length - 1)
    const share = (kept - row[given]!) / sources
    row.forEach((count, guess) => {
      counts[given * numClasses + guess] = guess === given ? kept : Math.max(0, Math.trunc(count - share))
    })
  }
  return counts
}

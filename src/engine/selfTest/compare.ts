/** Below this, a tensor's largest number does not count as its scale: nothing here is meant to be that small. */
const leastScale = 1e-3

/** Largest difference, as a share of the largest true number; Infinity where lengths differ or one is not finite. */
export function worstErrorOf(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let worst = 0
  let scale = leastScale
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!))
    const difference = Math.abs(actual[i]! - expected[i]!)
    if (!Number.isFinite(difference)) return Infinity
    worst = Math.max(worst, difference)
  }
  return worst / scale
}

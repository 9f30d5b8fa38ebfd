/** Bins that one side does not fill count as this share, so that the index stays finite. */
const smallestShare = 1e-4

/** How far two samples of counts over the same bins or categories are apart. */
export interface ShareDrift {
  /** Population stability index Σ (q - p) ln(q / p); 0.1 is little, 0.25 is much. */
  readonly psi: number
  /** Jensen–Shannon divergence in bits, 0 to 1 (Lin 1991). */
  readonly jensenShannon: number
}

/** Both must have counts for the same bins, and some in all. */
export function shareDrift(first: readonly number[], second: readonly number[]): ShareDrift {
  const [p, q] = [sharesOf(first), sharesOf(second)]
  let [psi, jensenShannon] = [0, 0]
  p.forEach((own, bin) => {
    const other = q[bin]!
    const [low, high] = [Math.max(own, smallestShare), Math.max(other, smallestShare)]
    psi += (high - low) * Math.log(high / low)
    const middle = (own + other) / 2
    if (own > 0) jensenShannon += (own / 2) * Math.log2(own / middle)
    if (other > 0) jensenShannon += (other / 2) * Math.log2(other / middle)
  })
  return { psi, jensenShannon }
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / total)
}

/** Student's t at 97.5 % with 1, 2, … degrees of freedom; beyond, the normal's is less than 2 % away. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

/** Mean of some runs and half the width of its 95 % interval by Student's t; null of one run, which says nothing of others. */
export function interval(values: readonly number[]): { mean: number; halfWidth: number | null } {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count < 2) return { mean, halfWidth: null }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  return { mean, halfWidth: (quantiles[count - 2] ?? 1.96) * Math.sqrt(variance / count) }
}

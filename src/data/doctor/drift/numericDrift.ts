/** How far two samples of a number are apart. */
export interface NumericDrift {
  /** Largest distance between the distribution functions, and the probability of at least that by chance. */
  readonly ks: number
  readonly pValue: number
  /** Area between the distribution functions, in units of the number. */
  readonly wasserstein: number
}

/**
 * Two-sample Kolmogorov–Smirnov, with the asymptotic distribution 2 Σ (-1)^(k-1) exp(-2 k² t²), t = ks √(nm / (n + m)), and
 * Wasserstein's distance of order 1. Both samples must hold a number at least.
 */
export function numericDrift(first: ArrayLike<number>, second: ArrayLike<number>): NumericDrift {
  const [a, b] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()]
  let [i, j, ks, wasserstein] = [0, 0, 0, 0]
  let last = Math.min(a[0]!, b[0]!)
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity)
    wasserstein += Math.abs(i / a.length - j / b.length) * (value - last)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    ks = Math.max(ks, Math.abs(i / a.length - j / b.length))
    last = value
  }
  const pValue = kolmogorov(ks * Math.sqrt((a.length * b.length) / (a.length + b.length)))
  return { ks, pValue, wasserstein }
}

/** The probability that Kolmogorov's statistic is larger. */
function kolmogorov(statistic: number): number {
  // The series alternates without end near 0, where the probability is 1 to the last bit.
  if (statistic < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * statistic) ** 2)
  return Math.min(1, Math.max(0, sum))
}

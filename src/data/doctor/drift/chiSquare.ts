/**
 * The probability that counts over the same categories differ as much by chance: Pearson's chi-square test of homogeneity.
 * Categories that stand in neither count for nothing; 1 where one is left.
 */
export function homogeneity(first: readonly number[], second: readonly number[]): number {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
  const [n, m] = [total(first), total(second)]
  let statistic = 0
  let categories = 0
  first.forEach((count, i) => {
    const both = count + second[i]!
    if (both === 0) return
    categories++
    const [a, b] = [(both * n) / (n + m), (both * m) / (n + m)]
    statistic += (count - a) ** 2 / a + (second[i]! - b) ** 2 / b
  })
  return categories < 2 ? 1 : upperGamma((categories - 1) / 2, statistic / 2)
}

const mostTerms = 10_000
const tiny = 1e-300

/**
 * Regularised upper incomplete gamma function Q(a, x): by the series of its complement below a + 1, by Lentz's continued
 * fraction above (Press et al., Numerical recipes, 6.2).
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let k = 1; k < mostTerms && term > sum * Number.EPSILON; k++) {
      term *= x / (a + k)
      sum += term
    }
    return Math.max(0, 1 - factor * sum)
  }
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let value = d
  for (let k = 1; k < mostTerms; k++) {
    const own = -k * (k - a)
    b += 2
    d = 1 / (own * d + b || tiny)
    c = b + own / c || tiny
    value *= c * d
    if (Math.abs(c * d - 1) < Number.EPSILON) break
  }
  return factor * value
}

/** Lanczos's approximation with g = 7 and nine terms, good to fifteen digits for a > 0.5. */
function logGamma(a: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ]
  const z = a - 1
  const sum = terms.reduce((total, term, i) => total + term / (z + i + 1), 0.9999999999998099)
  const t = z + terms.length - 0.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * Slopes of ALiBi (Press et al. 2022) for heads 1..n: 2^(-8i/n) where n is a power of two; otherwise those of the next
 * lower power, then every second one of twice that power.
 */
export function alibiSlopes(numHeads: number): number[] {
  const power = 2 ** Math.floor(Math.log2(numHeads))
  const regular = Array.from({ length: power }, (_, i) => 2 ** ((-8 * (i + 1)) / power))
  const between = Array.from({ length: numHeads - power }, (_, i) => 2 ** ((-4 * (2 * i + 1)) / power))
  return [...regular, ...between]
}

import type { Generator } from '../core/rng.ts'

/** Four are enough for large ranges; over a few dozen places a count of draws still tells them from fair ones. */
const rounds = 10
/** The first words of a step are left to the caller; each round draws from a span of its own. */
const span = 2 ** 34

/**
 * Place `index` of a random permutation of 0..length-1, without making the permutation: a balanced Feistel network
 * over the next even power of two, walked until it lands in range (Black and Rogaway 2002, "Ciphers with arbitrary
 * finite domains", method 3). `step` addresses the permutation.
 */
export function permute(index: number, length: number, generator: Generator, step: number): number {
  let halfBits = 1
  while (4 ** halfBits < length) halfBits++
  const half = 2 ** halfBits
  let value = index
  do {
    let left = Math.floor(value / half)
    let right = value % half
    for (let round = 0; round < rounds; round++) {
      const mixed = (left ^ (generator.uint32(step, (round + 1) * span + right) & (half - 1))) >>> 0
      left = right
      right = mixed
    }
    value = left * half + right
  } while (value >= length)
  return value
}

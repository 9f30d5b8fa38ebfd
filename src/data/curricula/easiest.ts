import { Generator } from '../../core/rng.ts'

/**
 * Places in order of difficulty: [N]. Examples that are as hard stand in an order that is drawn, so that what is easy first is
 * not what stands first in a file.
 */
export function byDifficulty(difficulty: Float64Array, seed: number): Int32Array {
  const generator = new Generator(seed, 'order of equal difficulty')
  const { length } = difficulty
  const drawn = Uint32Array.from({ length }, (_, i) => generator.uint32(0, i))
  return Int32Array.from({ length }, (_, i) => i).sort(
    (a, b) => difficulty[a]! - difficulty[b]! || drawn[a]! - drawn[b]! || a - b,
  )
}

/**
 * A curriculum widens in so many steps at most: what samplers know of those that may be drawn is gathered once in each, and
 * not anew at every update.
 */
const levels = 128

/** How many of `count` examples may be drawn at this competence: at least `least` of them, all at 1. */
export function easiestCount(count: number, competence: number, least: number): number {
  const share = Math.ceil(competence * levels) / levels
  return Math.min(count, Math.max(least, Math.ceil(share * count)))
}

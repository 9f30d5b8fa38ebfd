import { philox4x32 } from '../../../core/rng.ts'
import type { DropoutOptions } from './dropout.ts'

/** The factors 0 and 1 / (1 - rate), on the host. */
export function dropoutMask(
  length: number,
  { rate, key, step }: Omit<DropoutOptions, 'counter'>,
): Float32Array {
  const mask = new Float32Array(length)
  const threshold = dropoutThreshold(rate)
  const scale = 1 / (1 - rate)
  const block = new Uint32Array(4)
  for (let index = 0; index < length; index += 4) {
    philox4x32([index >>> 2, Math.floor(index / 2 ** 34), step >>> 0, Math.floor(step / 2 ** 32)], key, block)
    for (let lane = 0; lane < 4 && index + lane < length; lane++) {
      if (block[lane]! >>> 8 >= threshold) mask[index + lane] = scale
    }
  }
  return mask
}

/** `uniform >= rate` on the 24 random bits themselves, so that no rounding of `rate` moves the border. */
export function dropoutThreshold(rate: number): number {
  return Math.ceil(rate * 2 ** 24)
}

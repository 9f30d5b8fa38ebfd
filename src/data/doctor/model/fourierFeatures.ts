import { Generator } from '../../../core/rng.ts'
import type { Matrix } from '../features/matrix.ts'

/** Pairs of items whose distances tell how wide the kernel is to be. */
const sampledPairs = 2000

/** Features of the items at some places. [places, width] */
export interface FeatureMap {
  readonly width: number
  of(places: Int32Array): { rows: number; width: number; data: Float64Array }
}

/**
 * Features whose inner products approach those of a Gaussian kernel exp(-|x - y|² / (2 width²)): √(2/D) cos(wx + b)
 * (Rahimi and Recht 2007, "Random features for large-scale kernel machines"), and a last one that is always 1: `count + 1`.
 * Made for some items at a time: of all items of a large set they would take gigabytes.
 * @param options.width in units of the median distance between items
 */
export function fourierFeatures(
  input: Matrix,
  options: { count: number; width: number; seed: number },
): FeatureMap {
  const { count, seed } = options
  const { width, data } = input
  const scale = 1 / (options.width * medianDistance(input, seed))
  const generator = new Generator(seed, 'doctor fourier')
  // [width, count]: a column for each feature, so that the inner loop runs along memory.
  const weights = generator.normals(width * count, 0)
  const phases = Float64Array.from({ length: count }, (_, k) => 2 * Math.PI * generator.uniform(1, k))
  const amplitude = Math.sqrt(2 / count)
  const sums = new Float64Array(count)
  return {
    width: count + 1,
    of(places) {
      const out = new Float64Array(places.length * (count + 1))
      places.forEach((place, row) => {
        sums.fill(0)
        for (let i = 0; i < width; i++) {
          const value = data[place * width + i]! * scale
          if (value === 0) continue
          const start = i * count
          for (let k = 0; k < count; k++) sums[k]! += value * weights[start + k]!
        }
        const at = row * (count + 1)
        for (let k = 0; k < count; k++) out[at + k] = amplitude * Math.cos(sums[k]! + phases[k]!)
        out[at + count] = 1
      })
      return { rows: places.length, width: count + 1, data: out }
    },
  }
}

/** Of random pairs; 1 where items do not differ. */
export function medianDistance({ rows, width, data }: Matrix, seed: number): number {
  const generator = new Generator(seed, 'doctor distances')
  const distances = Float64Array.from({ length: sampledPairs }, (_, pair) => {
    const [a, b] = [generator.below(rows, 0, 2 * pair), generator.below(rows, 0, 2 * pair + 1)]
    let sum = 0
    for (let i = 0; i < width; i++) sum += (data[a * width + i]! - data[b * width + i]!) ** 2
    return Math.sqrt(sum)
  }).sort()
  return distances[sampledPairs >> 1]! || 1
}

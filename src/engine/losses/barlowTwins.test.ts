import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, expectLossMatches, mean, rows } from '../../../tests/helpers/losses.ts'
import barlowTwins from './barlowTwins.ts'

const width = 3
const epsilon = 1e-3

/** Features, each of mean 0 and variance 1. */
function standardised(z: Float64Array): number[][] {
  const all = rows(z, width)
  return Array.from({ length: width }, (_, d) => {
    const feature = all.map((row) => row[d]!)
    const calm = feature.map((value) => value - mean(feature))
    const deviation = Math.sqrt(mean(calm.map((value) => value ** 2)) + epsilon)
    return calm.map((value) => value / deviation)
  })
}

/** Σ_i (1 − c_ii)² + 0.3·Σ_{i≠j} c_ij². */
function slow(x: number[][], y: number[][]): number {
  let total = 0
  x.forEach((f, i) =>
    y.forEach((g, j) => {
      const c = mean(f.map((value, n) => value * g[n]!))
      total += i === j ? (1 - c) ** 2 : 0.3 * c ** 2
    }),
  )
  return total
}

await describeOnDevices('Barlow Twins', () => {
  it.each(['sides', 'within'])('equals its definition: %s', (correlates) =>
    expectLossMatches(
      {
        loss: barlowTwins,
        params: { redundancyWeight: 0.3, epsilon, correlates },
        shapes: [
          [6, width],
          [6, width],
        ],
        as: asPairs,
      },
      (a, b) => {
        const [x, y] = [standardised(a!), standardised(b!)]
        return correlates === 'sides' ? slow(x, y) : (slow(x, x) + slow(y, y)) / 2
      },
    ),
  )
})

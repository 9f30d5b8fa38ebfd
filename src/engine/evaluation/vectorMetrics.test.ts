import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import type { Measured } from './defineMetric.ts'
import effectiveRank from './effectiveRank.ts'
import linearProbe from './linearProbe.ts'
import neighbourAccuracy from './neighbourAccuracy.ts'
import { nearest, unitRows } from './neighbours.ts'

const generator = new Generator(11, 'tests/vectors')

/** Gaussian clouds, one for each class, around points that lie `apart` from each other. */
function clouds(count: number, { numClasses = 3, width = 5, apart = 20 } = {}): Measured['vectors'] {
  const labels = Int32Array.from({ length: count }, (_, item) => item % numClasses)
  const noise = generator.normals(count * width)
  const vectors = noise.map((value, at) => {
    const [item, i] = [Math.floor(at / width), at % width]
    return value + (i === labels[item] ? apart : 0)
  })
  return { vectors, width, labels, numClasses }
}

describe('neighbours', () => {
  it('are those that a slow sort by cosine gives', () => {
    const measured = clouds(30, { apart: 0 })
    const { vectors, width } = measured
    const row = (item: number) => [...vectors.subarray(item * width, (item + 1) * width)]
    const cosine = (a: number, b: number) => {
      const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
      return dot(row(a), row(b)) / Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)))
    }
    const rows = unitRows(measured)
    for (const query of [0, 7, 29]) {
      const others = Array.from({ length: 30 }, (_, item) => item).filter((item) => item !== query)
      const slow = others.sort((a, b) => cosine(query, b) - cosine(query, a)).slice(0, 4)
      expect(nearest(rows, { width, query, count: 4 })).toEqual(slow)
    }
  })
})

describe('probes of vectors', () => {
  it('tell clouds apart that lie apart, and nothing where there is nothing', () => {
    for (const metric of [neighbourAccuracy, linearProbe]) {
      expect(metric.compute(clouds(90))).toBe(1)
      const blind = metric.compute(clouds(300, { apart: 0 }))!
      expect(blind).toBeGreaterThan(0.2)
      expect(blind).toBeLessThan(0.47)
      expect(metric.compute({ ...clouds(90), labels: null })).toBeNull()
    }
  })

  it('a linear probe is linear, neighbours are not', () => {
    // Two classes as the inside and the outside of a circle.
    const labels = Int32Array.from({ length: 200 }, (_, item) => item % 2)
    const vectors = Float32Array.from({ length: 400 }, (_, at) => {
      const item = at >> 1
      const angle = 2 * Math.PI * generator.uniform(1, item)
      return (labels[item] === 0 ? 1 : 9) * (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 12
    })
    const circle = { vectors, width: 2, labels, numClasses: 2 }
    expect(linearProbe.compute(circle)!).toBeLessThan(0.7)
    expect(neighbourAccuracy.compute(circle)!).toBeGreaterThan(0.8)
  })

  it('a feature that never changes does no harm', () => {
    const { vectors, ...rest } = clouds(90)
    const still = vectors.map((value, at) => (at % 5 === 4 ? 3 : value))
    expect(linearProbe.compute({ ...rest, vectors: still })).toBe(1)
  })
})

describe('the effective rank', () => {
  it('counts directions that are spread over alike', () => {
    // Plus and minus along each axis: the covariance is a multiple of the identity.
    const axes = Float32Array.from({ length: 8 * 4 }, (_, at) => {
      const [item, i] = [Math.floor(at / 4), at % 4]
      return i === item % 4 ? (item < 4 ? 3 : -3) : 0
    })
    const vectors = (values: Float32Array, width: number) => ({
      vectors: values,
      width,
      labels: null,
      numClasses: 0,
    })
    expect(effectiveRank.compute(vectors(axes, 4))).toBeCloseTo(4, 9)
    const line = Float32Array.from({ length: 30 }, (_, at) => Math.floor(at / 3) * ((at % 3) + 1))
    expect(effectiveRank.compute(vectors(line, 3))).toBeCloseTo(1, 6)
    expect(effectiveRank.compute(vectors(new Float32Array(12).fill(5), 3))).toBe(0)
  })

  it('is between 1 and the width, and the same after a rotation', () => {
    const measured = clouds(60, { width: 6, apart: 3 })
    const before = effectiveRank.compute(measured)!
    expect(before).toBeGreaterThan(1)
    expect(before).toBeLessThanOrEqual(6)
    const turned = measured.vectors.slice()
    for (let at = 0; at < turned.length; at += 6) {
      const [x, y] = [turned[at]!, turned[at + 5]!]
      turned[at] = 0.6 * x - 0.8 * y
      turned[at + 5] = 0.8 * x + 0.6 * y
    }
    expect(effectiveRank.compute({ ...measured, vectors: turned })).toBeCloseTo(before, 4)
  })
})

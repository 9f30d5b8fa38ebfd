import { describe, expect, it } from 'vitest'
import { normals } from '../../../tests/helpers/kernels.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, mean, rows } from '../../../tests/helpers/losses.ts'
import { ones, tensor2d, zeros, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import alignmentUniformity from './alignmentUniformity.ts'
import decorrelation from './decorrelation.ts'
import featureConsistency from './featureConsistency.ts'
import koLeo from './koLeo.ts'
import tiCo from './tiCo.ts'

const [count, width] = [5, 3]
const shapes = [
  [count, width],
  [count, width],
]

await describeOnDevices('losses of how embeddings are spread', () => {
  describe('KoLeo', () => {
    const asEmbeddings = (embeddings: Tensor) => ({ embeddings: { embeddings: embeddings as Tensor2D } })

    it('equals its definition', () =>
      expectLossMatches(
        { loss: koLeo, params: { epsilon: 1e-8 }, shapes: [[count, width]], as: asEmbeddings },
        (x) => {
          const products = cosines(x!, x!, width)
          const nearest = products.map((row, i) => Math.max(...row.filter((_, j) => j !== i)))
          return -mean(nearest.map((cosine) => 0.5 * Math.log(2 - 2 * cosine)))
        },
      ))

    it('is finite for equal rows, and refuses a single one', async () => {
      expect(
        Number.isFinite((await koLeo.compute({ epsilon: 1e-8 }, asEmbeddings(ones([3, 2]))).loss.data())[0]),
      ).toBe(true)
      expect(() => koLeo.compute({ epsilon: 1e-8 }, asEmbeddings(ones([1, 2])))).toThrow(
        /koleo: needs at least 2 rows/,
      )
    })
  })

  describe('TiCo', () => {
    const covariance = normals(width * width, 'covariance')
    const params = { beta: 0.7, rho: 3 }
    const memory = () => ({ scalars: {}, state: { covariance: tensor2d(covariance, [width, width]) } })
    const unit = (z: Float64Array) => rows(z, width).map((row) => row.map((x) => x / Math.hypot(...row)))
    const after = (a: number[][]) =>
      Array.from({ length: width }, (_, i) =>
        Array.from(
          { length: width },
          (_, j) => 0.7 * covariance[width * i + j]! + 0.3 * mean(a.map((row) => row[i]! * row[j]!)),
        ),
      )
    const values = [normals(count * width, 'a'), normals(count * width, 'b')]

    it('equals its definition, and keeps the covariance with this batch in it', async () => {
      const [a, b] = values.map((x) => tensor2d(x, [count, width])) as [Tensor2D, Tensor2D]
      const { loss, state } = tiCo.compute(params, asPairs(a, b), memory())
      const [x, y] = values.map((z) => unit(Float64Array.from(z))) as [number[][], number[][]]
      const c = after(x)
      const crowding = x.map((row) =>
        row.reduce((sum, p, i) => sum + row.reduce((part, q, j) => part + p * c[i]![j]! * q, 0), 0),
      )
      const together = x.map((row, n) => row.reduce((sum, p, d) => sum + p * y[n]![d]!, 0))
      expect((await loss.data())[0]).toBeCloseTo(1 - mean(together) + 3 * mean(crowding), 4)
      const found = await state!['covariance']!.data()
      c.flat().forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5))
    })
  })

  it.each([1, 2, 3])('alignment and uniformity equal their definition, alpha %d', async (alpha) => {
    await expectLossMatches(
      {
        loss: alignmentUniformity,
        params: { alignmentWeight: 0.8, alpha, uniformityWeight: 1.3, sharpness: 1.5 },
        shapes,
        as: asPairs,
      },
      (a, b) => {
        const alignment = mean(cosines(a!, b!, width).map((row, i) => (2 - 2 * row[i]!) ** (alpha / 2)))
        const crowding = (x: Float64Array) =>
          Math.log(
            mean(
              cosines(x, x, width).flatMap((row, i) =>
                row.filter((_, j) => j !== i).map((cosine) => Math.exp(-1.5 * (2 - 2 * cosine))),
              ),
            ),
          )
        return 0.8 * alignment + (1.3 * (crowding(a!) + crowding(b!))) / 2
      },
    )
  })

  it.each(['correlation', 'covariance'])('decorrelation equals its definition by %s', async (measure) => {
    const epsilon = 1e-3
    await expectLossMatches(
      { loss: decorrelation, params: { measure, epsilon }, shapes, as: asPairs },
      (...sides) =>
        mean(
          sides.map((z) => {
            const features = Array.from({ length: width }, (_, d) => {
              const feature = rows(z, width).map((row) => row[d]!)
              return feature.map((value) => value - mean(feature))
            })
            const common = (f: number[], g: number[]) => mean(f.map((value, n) => value * g[n]!))
            let total = 0
            features.forEach((f, i) =>
              features.forEach((g, j) => {
                if (i === j) return
                const scale = Math.sqrt((common(f, f) + epsilon) * (common(g, g) + epsilon))
                const own = common(f, g)
                total += (measure === 'correlation' ? own / scale : (own * count) / (count - 1)) ** 2
              }),
            )
            return total / (width * (width - 1))
          }),
        ),
    )
  })

  describe('feature consistency', () => {
    const references = [normals(count * width, 'first'), normals(count * width, 'second')]
    const smooth = (e: number) => (Math.abs(e) < 1 ? 0.5 * e ** 2 : Math.abs(e) - 0.5)
    const distances: Record<string, (x: number[], r: number[]) => number> = {
      cosine: (x, r) =>
        1 - x.reduce((sum, p, d) => sum + p * r[d]!, 0) / (Math.hypot(...x) * Math.hypot(...r)),
      l2: (x, r) => Math.hypot(...x.map((p, d) => p - r[d]!)),
      l1: (x, r) => x.reduce((sum, p, d) => sum + Math.abs(p - r[d]!), 0),
      'smooth-l1': (x, r) => x.reduce((sum, p, d) => sum + smooth(p - r[d]!), 0),
    }

    it.each(Object.entries(distances))('equals its definition: %s', async (distance, apart) => {
      await expectLossMatches(
        {
          loss: featureConsistency,
          params: { distance, isNormalized: false, weightA: 0.5, weightB: 2 },
          shapes,
          as: (a: Tensor, b: Tensor) => {
            const [referenceA, referenceB] = references.map((x) => tensor2d(x, [count, width]))
            return {
              referencedPairs: {
                a: a as Tensor2D,
                b: b as Tensor2D,
                ids: null,
                referenceA: referenceA!,
                referenceB: referenceB!,
              },
            }
          },
        },
        (...sides) => {
          const [first, second] = sides.map((z, i) => {
            const held = rows(Float64Array.from(references[i]!), width)
            return mean(rows(z, width).map((row, n) => apart(row, held[n]!)))
          })
          return 0.5 * first! + 2 * second!
        },
      )
    })

    it('is 0 where nothing has moved, also for rows of zeros', async () => {
      const same: Tensor2D = zeros([2, 3])
      const referencedPairs = { a: same, b: same, ids: null, referenceA: same, referenceB: same }
      for (const distance of ['l2', 'l1', 'smooth-l1']) {
        const params = { distance, isNormalized: true, weightA: 1, weightB: 1 }
        expect((await featureConsistency.compute(params, { referencedPairs }).loss.data())[0]).toBe(0)
      }
    })
  })
})

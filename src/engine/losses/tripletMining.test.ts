import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asLabelled, expectLossMatches, mean, rows, unitRows } from '../../../tests/helpers/losses.ts'
import { tensor2d, valueAndGrad, zeros, type Scalar, type Tensor } from '../backend/tfjs.ts'
import tripletMining from './tripletMining.ts'

const params = {
  miner: 'batch-hard',
  margin: 0.5,
  isSoft: false,
  distance: 'euclidean',
  isNormalized: true,
  reducer: 'mean',
}
const labels = [0, 1, 0, 0, 2, 1, 1]

function apartIn(x: Float64Array, { distance, isNormalized }: typeof params): number[][] {
  const z = isNormalized || distance === 'cosine' ? unitRows(x, 3) : rows(x, 3)
  return z.map((a) =>
    z.map((b) => {
      if (distance === 'cosine') return 1 - a.reduce((sum, value, d) => sum + value * b[d]!, 0)
      const length = Math.hypot(...a.map((value, d) => value - b[d]!))
      return distance === 'euclidean' ? length : length ** 2
    }),
  )
}

/** d_ap - d_an of the triplets that count. */
function mined(apart: number[][], { miner, margin }: typeof params): number[] {
  return apart.flatMap((row, a) => {
    const positives = row.filter((_, p) => p !== a && labels[p] === labels[a])
    const negatives = row.filter((_, n) => labels[n] !== labels[a])
    if (miner === 'batch-hard')
      return positives.length === 0 ? [] : [Math.max(...positives) - Math.min(...negatives)]
    const gaps = positives.flatMap((p) => negatives.map((n) => p - n))
    return gaps.filter((gap) => {
      if (miner === 'within-margin') return -gap <= margin
      if (miner === 'semi-hard') return -gap > 0 && -gap <= margin
      return miner === 'hard' ? -gap <= 0 : true
    })
  })
}

function slow(x: Float64Array, all: typeof params): number {
  const losses = mined(apartIn(x, all), all).map((gap) =>
    all.isSoft ? Math.log1p(Math.exp(gap)) : Math.max(0, gap + all.margin),
  )
  return mean(all.reducer === 'mean' ? losses : losses.filter((loss) => loss > 0))
}

await describeOnDevices('mined triplets', () => {
  it.each([
    { miner: 'batch-hard' },
    { miner: 'batch-hard', isSoft: true, isNormalized: false },
    { miner: 'batch-all', distance: 'squared-euclidean' },
    { miner: 'batch-all', reducer: 'avg-nonzero' },
    { miner: 'within-margin', distance: 'cosine', reducer: 'avg-nonzero' },
    { miner: 'semi-hard', isNormalized: false },
    { miner: 'hard' },
  ])('equals its definition: %o', async (variant) => {
    const all = { ...params, ...variant }
    const as = asLabelled(labels)
    await expectLossMatches({ loss: tripletMining, params: all, shapes: [[7, 3]], as }, (x) => slow(x, all))
    const x = normals(21, 'input 0')
    const count = tripletMining.compute(all, as(tensor2d(x, [7, 3]))).parts['mined']!
    expect((await count.data())[0]).toBe(mined(apartIn(Float64Array.from(x), all), all).length)
  })

  const valueAndSlope = async (all: typeof params, x: Float32Array, classes: number[]) => {
    const of = valueAndGrad((z: Tensor): Scalar => tripletMining.compute(all, asLabelled(classes)(z)).loss)
    const { value, grad } = of(tensor2d(x, [classes.length, x.length / classes.length]))
    return [...(await value.data()), ...(await grad.data())]
  }

  it.each(['batch-hard', 'batch-all', 'semi-hard'])(
    'is finite where rows are equal or zero, and 0 without a triplet: %s',
    async (miner) => {
      const x = normals(12, 'x')
      x.copyWithin(3, 0, 3)
      x.fill(0, 6, 9)
      for (const distance of ['euclidean', 'squared-euclidean', 'cosine']) {
        const all = { ...params, miner, distance, isNormalized: false }
        for (const value of await valueAndSlope(all, x, [0, 0, 1, 0])) expect(value).not.toBeNaN()
        for (const classes of [
          [0, 0, 0, 0],
          [0, 1, 2, 3],
        ])
          for (const value of await valueAndSlope(all, x, classes)) expect(Math.abs(value)).toBe(0)
        expect(Math.abs((await valueAndSlope(all, x.slice(0, 3), [0]))[0]!)).toBe(0)
      }
    },
  )

  it('takes the first of several that are equally hard', async () => {
    // Rows 1 and 2 are both the farthest positive of row 0, and 3 and 4 both the nearest negative.
    const even = Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0.5, 0, 0.5)
    const first = Float32Array.of(0, 0, 1.001, 0, 1, 0, 0, 0.499, 0, 0.5)
    const all = { ...params, isNormalized: false, margin: 10 }
    const [found, wanted] = [
      await valueAndSlope(all, even, [0, 0, 0, 1, 2]),
      await valueAndSlope(all, first, [0, 0, 0, 1, 2]),
    ]
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 2))
  })

  it('refuses more triplets than fit, by name', () => {
    const of = (miner: string) => () =>
      tripletMining.compute(
        { ...params, miner },
        asLabelled(Array.from({ length: 257 }, () => 0))(zeros([257, 2])),
      )
    expect(of('batch-all')).toThrow(/batch-all take batches of 256 rows at most, got 257/)
    expect(of('batch-hard')).not.toThrow()
  })
})

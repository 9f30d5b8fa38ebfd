import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import * as tf from '../backend/tfjs.ts'
import clip from './clip.ts'

const fixed = { temperature: 0.2, isTemperatureLearned: false, isNormalized: true }
const shapes = [
  [5, 4],
  [5, 4],
]
const transposed = (s: readonly (readonly number[])[]) => s[0]!.map((_, j) => s.map((row) => row[j]!))

/** Both directions, row by row; rows with the same id are positives. */
function slow(s: number[][], ids: readonly number[]): number {
  const oneWay = (rows: readonly (readonly number[])[]) =>
    mean(rows.map((row, i) => logSumExp(row) - mean(row.filter((_, j) => ids[j] === ids[i]))))
  return (oneWay(s) + oneWay(transposed(s))) / 2
}
const own = [0, 1, 2, 3, 4]

await describeOnDevices('CLIP', () => {
  it('equals its definition', () =>
    expectLossMatches({ loss: clip, params: fixed, shapes, as: asPairs }, (a, b) =>
      slow(
        cosines(a, b, 4).map((row) => row.map((s) => s / 0.2)),
        own,
      ),
    ))

  it('learns its scale', () =>
    expectLossMatches(
      {
        loss: clip,
        params: { ...fixed, isTemperatureLearned: true },
        shapes,
        inputs: [normals(20, 'a'), normals(20, 'b'), Float32Array.of(1.5)],
        as: asPairs,
        scalars: ['logScale'],
      },
      (a, b, logScale) =>
        slow(
          cosines(a, b, 4).map((row) => row.map((s) => s * Math.exp(logScale![0]!))),
          own,
        ),
    ))

  it('takes rows with the same id as positives of each other', () =>
    expectLossMatches(
      {
        loss: clip,
        params: fixed,
        shapes,
        as: (a, b) => ({
          pairs: { ...asPairs(a, b).pairs!, ids: tf.tensor1d([7, 3, 7, 7, 3], 'int32') },
        }),
      },
      (a, b) =>
        slow(
          cosines(a, b, 4).map((row) => row.map((s) => s / 0.2)),
          [7, 3, 7, 7, 3],
        ),
    ))

  it.each([null, [7, 3, 7, 7, 3]])('smooths its targets, of ids %o', (ids) =>
    expectLossMatches(
      {
        loss: clip,
        params: { ...fixed, labelSmoothing: 0.3, isTemperatureLearned: true },
        shapes,
        inputs: [normals(20, 'a'), normals(20, 'b'), Float32Array.of(1.5)],
        as: (a, b) => ({ pairs: { ...asPairs(a, b).pairs!, ids: ids && tf.tensor1d(ids, 'int32') } }),
        scalars: ['logScale'],
      },
      (a, b, logScale) => {
        const of = ids ?? own
        const s = cosines(a, b, 4).map((row) => row.map((x) => x * Math.exp(logScale![0]!)))
        // Cross-entropy with targets that are written out.
        const oneWay = (all: number[][]) =>
          mean(
            all.map((row, i) => {
              const number = of.filter((id) => id === of[i]).length
              return row.reduce((sum, score, j) => {
                const target = 0.3 / row.length + (of[j] === of[i] ? 0.7 / number : 0)
                return sum + target * (logSumExp(row) - score)
              }, 0)
            }),
          )
        return (oneWay(s) + oneWay(transposed(s))) / 2
      },
    ),
  )

  it('tells its temperature where that is learned, how often the nearest is the partner, and how alike they are', async () => {
    const values = [normals(20, 'a'), normals(20, 'b')]
    const [a, b] = values.map((x) => tf.tensor2d(x, [5, 4]))
    const scalars = { logScale: tf.scalar(1.5) }
    const of = async (isTemperatureLearned: boolean) => {
      const { parts } = clip.compute({ ...fixed, isTemperatureLearned }, asPairs(a!, b!), {
        scalars,
        state: {},
      })
      return Object.fromEntries(
        await Promise.all(Object.entries(parts).map(async ([name, part]) => [name, (await part.data())[0]!])),
      ) as Record<string, number>
    }
    const s = cosines(Float64Array.from(values[0]!), Float64Array.from(values[1]!), 4)
    const found = await of(true)
    expect(found['temperature']).toBeCloseTo(Math.exp(-1.5), 6)
    const shareOfNearest = (rows: number[][]) =>
      mean(rows.map((row, i) => (Math.max(...row) === row[i] ? 1 : 0)))
    expect(found['accuracy']).toBeCloseTo((shareOfNearest(s) + shareOfNearest(transposed(s))) / 2, 6)
    expect(found['positiveSimilarity']).toBeCloseTo(mean(s.map((row, i) => row[i]!)), 5)
    expect(found['negativeSimilarity']).toBeCloseTo(
      mean(s.flatMap((row, i) => row.filter((_, j) => j !== i))),
      5,
    )
    expect(Object.keys(await of(false))).toEqual(['accuracy', 'positiveSimilarity', 'negativeSimilarity'])
  })

  it('scales by 100 at most, and finds back from there', async () => {
    const [a, b] = [tf.tensor2d(normals(20, 'a'), [5, 4]), tf.tensor2d(normals(20, 'b'), [5, 4])]
    const at = (logScale: tf.Scalar): tf.Scalar =>
      clip.compute({ ...fixed, isTemperatureLearned: true }, asPairs(a, b), {
        scalars: { logScale },
        state: {},
      }).loss
    const [most, beyond] = [Math.log(100), 9].map((x) =>
      tf.valueAndGrad(at as (x: tf.Tensor) => tf.Scalar)(tf.scalar(x)),
    )
    expect(await beyond!.value.data()).toEqual(await most!.value.data())
    expect((await beyond!.grad.data())[0]).toBeGreaterThan(0)
  })

  it('asks for the scale that it learns', () => {
    const pairs = asPairs(tf.zeros([2, 2]), tf.zeros([2, 2]))
    expect(clip.scalars({ ...fixed, isTemperatureLearned: true })).toEqual({ logScale: -Math.log(0.2) })
    expect(() => clip.compute({ ...fixed, isTemperatureLearned: true }, pairs)).toThrow(
      /scalar logScale, got nothing/,
    )
    expect(() => clip.compute(fixed, {})).toThrow(/input of the kind pairs, got nothing/)
  })
})

import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import * as tf from '../backend/tfjs.ts'
import contrastiveToVicReg from './contrastiveToVicReg.ts'

const [count, width] = [5, 3]
const settings = {
  temperature: 0.2,
  isTemperatureLearned: false,
  invarianceWeight: 2,
  varianceWeight: 3,
  covarianceWeight: 0.7,
  epsilon: 1e-4,
  scaling: 'code',
  gap: 0.4,
  switchAfter: 4,
  rampSteps: 3,
}

function clip(s: number[][]): number {
  const oneWay = (all: number[][]) => mean(all.map((row, i) => logSumExp(row) - row[i]!))
  return (oneWay(s) + oneWay(s[0]!.map((_, j) => s.map((row) => row[j]!)))) / 2
}

function vicReg(a: Float64Array, b: Float64Array): number {
  const features = (z: Float64Array) =>
    Array.from({ length: width }, (_, d) => rows(z, width).map((row) => row[d]!))
  const covariance = (x: number[], y: number[]) =>
    x.reduce((sum, value, i) => sum + (value - mean(x)) * (y[i]! - mean(y)), 0) / (count - 1)
  const hinge = (z: Float64Array) =>
    mean(features(z).map((x) => Math.max(0, 1 - Math.sqrt(covariance(x, x) + 1e-4))))
  const redundancy = (z: Float64Array) =>
    features(z)
      .flatMap((x, i) => features(z).map((y, j) => (i === j ? 0 : covariance(x, y) ** 2)))
      .reduce((sum, value) => sum + value, 0) / width
  const apart = mean([...a].map((value, i) => (value - b[i]!) ** 2))
  return 2 * apart + (3 * (hinge(a) + hinge(b))) / 2 + 0.7 * (redundancy(a) + redundancy(b))
}

/** Pairs whose sides are the more alike the less noise there is. */
function sides(step: number, noise: number): [Float32Array, Float32Array] {
  const [a, other] = ['a', 'b'].map((name) => normals(count * width, `${name} ${step}`)) as [
    Float32Array,
    Float32Array,
  ]
  return [a, a.map((value, i) => (1 - noise) * value + noise * other[i]!)]
}

await describeOnDevices('contrastive, then VICReg', () => {
  describe.each([
    { name: 'as the gap says', noises: [1, 1, 0.05, 1, 1, 1, 1], ps: [0, 0, 1 / 3, 2 / 3, 1, 1, 1] },
    { name: 'as time is out', noises: [1, 1, 1, 1, 1, 1, 1], ps: [0, 0, 0, 0, 1 / 3, 2 / 3, 1] },
    {
      name: 'by the step, whatever the gap',
      noises: [0.05, 0.05, 0.05, 0.05, 0.05, 0.05],
      ps: [0, 0, 0, 0, 1 / 3, 2 / 3],
      params: { switchesBy: 'step' },
    },
    {
      name: 'at once',
      noises: [1, 1, 0.05, 1],
      ps: [0, 0, 1, 1],
      params: { rampSteps: 0 },
    },
  ])('switches $name', ({ noises, ps, params = {} }) => {
    it('as a plain loop over the batches does', async () => {
      const all = { ...settings, switchesBy: 'gap', ...params }
      let state: Record<string, tf.Tensor> = { counted: tf.zeros([1]), switched: tf.zeros([1]) }
      let switched = 0
      for (const [step, noise] of noises.entries()) {
        const [a, b] = sides(step, noise)
        const cosine = cosines(Float64Array.from(a), Float64Array.from(b), width)
        const gap = mean(cosine.map((row, i) => row[i]!)) - mean(cosine.flat())
        if (switched > 0 || step >= 4 || (all.switchesBy === 'gap' && gap > 0.4)) switched++
        const p = Math.min(1, switched / Math.max(1, all.rampSteps))
        expect(p).toBeCloseTo(ps[step]!, 12)
        const terms = [
          clip(cosine.map((row) => row.map((s) => s / 0.2))),
          vicReg(Float64Array.from(a), Float64Array.from(b)),
        ] as const
        const pairs = asPairs(tf.tensor2d(a, [count, width]), tf.tensor2d(b, [count, width]))
        const { loss, parts, state: next } = contrastiveToVicReg.compute(all, pairs, { scalars: {}, state })
        const number = async (name: string) => (await parts[name]!.data())[0]
        expect((await loss.data())[0]).toBeCloseTo((1 - p) * terms[0] + p * terms[1], 4)
        expect(await number('contrastive')).toBeCloseTo(terms[0], 4)
        expect(await number('vicReg')).toBeCloseTo(terms[1], 4)
        expect(await number('progress')).toBeCloseTo(p, 6)
        expect(await number('alignmentGap')).toBeCloseTo(gap, 5)
        const spread = Math.sqrt(mean(cosine.flat().map((s) => s ** 2)) - mean(cosine.flat()) ** 2)
        expect(await number('alignmentSignal')).toBeCloseTo(Math.abs(gap) / spread, 4)
        state = { ...next }
        expect([(await state['counted']!.data())[0], (await state['switched']!.data())[0]]).toEqual([
          step + 1,
          switched,
        ])
      }
    })
  })

  it('pulls by what counts alone: before the switch as CLIP does, after it not', async () => {
    const [x, y] = sides(0, 1).map((values) => tf.tensor2d(values, [count, width])) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ]
    const slopeAt = (counted: number, scale: number) =>
      tf.grad((a) => {
        const state = { counted: tf.tensor1d([counted]), switched: tf.tensor1d([counted]) }
        const pairs = asPairs(tf.mul(a, scale), y)
        return contrastiveToVicReg.compute({ ...settings, switchesBy: 'step' }, pairs, { scalars: {}, state })
          .loss
      })(x)
    // Lengths mean nothing to cosines, and all to VICReg.
    const along = async (counted: number) =>
      Math.abs((await tf.sum(tf.mul(slopeAt(counted, 3), x)).data())[0]!)
    expect(await along(0)).toBeLessThan(1e-5)
    expect(await along(9)).toBeGreaterThan(1)
  })
})

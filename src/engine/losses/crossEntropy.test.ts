import { expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import * as tf from '../backend/tfjs.ts'
import crossEntropy from './crossEntropy.ts'
import { ignoredTarget } from './lossInputs.ts'
import { weightedSum } from './weightedSum.ts'

/** The definition, row by row, in float64. */
function slowLoss(logits: Float32Array, targets: readonly number[], smoothing: number): number {
  const size = logits.length / targets.length
  const rows = targets.flatMap((target, n) => {
    if (target === ignoredTarget) return []
    const row = [...logits.subarray(n * size, (n + 1) * size)]
    const largest = Math.max(...row)
    const logSum = largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0))
    const surprise = row.map((x) => logSum - x)
    return [(1 - smoothing) * surprise[target]! + (smoothing * surprise.reduce((a, b) => a + b)) / size]
  })
  return rows.reduce((a, b) => a + b) / rows.length
}

const targets = [3, ignoredTarget, 0, 6, 6]
const values = new Generator(1, 'tests/logits').normals(35).map((x) => 4 * x)
const input = (logits = values) => ({
  classes: { logits: tf.tensor2d(logits, [5, 7]), targets: tf.tensor1d(targets, 'int32') },
})
const lossOf = async (smoothing: number) =>
  (await crossEntropy.compute({ labelSmoothing: smoothing }, input()).loss.data())[0]!

await describeOnDevices('cross-entropy', () => {
  it.each([0, 0.1, 0.5])(
    'equals the definition with smoothing %f and an ignored target',
    async (smoothing) => {
      expect(Math.abs((await lossOf(smoothing)) - slowLoss(values, targets, smoothing))).toBeLessThan(1e-5)
    },
  )

  it('counts classes by their weights, as torch', async () => {
    const weights = [1, 0.5, 2, 3, 0.1, 1, 0.7]
    const classWeights = tf.tensor1d(weights)
    const { loss } = crossEntropy.compute(
      { labelSmoothing: 0.2 },
      { classes: { ...input().classes, classWeights } },
    )
    let [total, counted] = [0, 0]
    targets.forEach((target, n) => {
      if (target === ignoredTarget) return
      const row = [...values.subarray(7 * n, 7 * n + 7)]
      const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))
      const surprise = row.map((x, c) => weights[c]! * (logSum - x))
      total += 0.8 * surprise[target]! + (0.2 / 7) * surprise.reduce((a, b) => a + b)
      counted += weights[target]!
    })
    expect((await loss.data())[0]).toBeCloseTo(total / counted, 4)
    const nothing = tf.fill([5], ignoredTarget, 'int32') as tf.Tensor1D
    const none = { classes: { ...input().classes, targets: nothing, classWeights } }
    expect((await crossEntropy.compute({ labelSmoothing: 0 }, none).loss.data())[0]).toBe(0)
    const unmade = { rows: tf.zeros<tf.Rank.R2>([5, 3]), table: tf.zeros<tf.Rank.R2>([7, 3]) }
    const classes = { ...input().classes, logits: unmade, classWeights }
    expect(() => crossEntropy.compute({ labelSmoothing: 0 }, { classes })).toThrow(/needs logits as a whole/)
  })

  it('does not change when all logits of a row are raised', async () => {
    const raised = values.map((x, i) => x + 10 * Math.floor(i / 7))
    const { loss } = crossEntropy.compute({ labelSmoothing: 0 }, input(raised))
    expect(Math.abs((await loss.data())[0]! - (await lossOf(0)))).toBeLessThan(2e-5)
  })

  it('stays finite for huge logits and is 0 when the model is sure and right', async () => {
    const logits = tf.tensor2d([1e4, -1e4, -1e4, 1e4], [2, 2])
    const { loss } = crossEntropy.compute(
      { labelSmoothing: 0 },
      { classes: { logits, targets: tf.tensor1d([0, 1], 'int32') } },
    )
    expect((await loss.data())[0]).toBe(0)
  })

  it('is the same of logits that are not made', async () => {
    const rows = tf.tensor2d(values.slice(0, 15), [5, 3])
    const table = tf.tensor2d(values.slice(14), [7, 3])
    const made: tf.Tensor2D = tf.matMul(rows, table, false, true)
    const { targets } = input().classes
    const classes = { logits: { rows, table }, targets }
    const { loss } = crossEntropy.compute({ labelSmoothing: 0.1 }, { classes })
    const expected = slowLoss(Float32Array.from(await made.data()), [3, ignoredTarget, 0, 6, 6], 0.1)
    expect(Math.abs((await loss.data())[0]! - expected)).toBeLessThan(2e-5)
  })

  it('is summed with weights, and its parts are named when there are several', async () => {
    const entry = (weight: number, labelSmoothing: number) => ({
      name: 'cross-entropy',
      weight,
      params: { labelSmoothing },
    })
    const one = weightedSum([entry(2, 0)], input())
    expect([...one.parts]).toEqual([])
    expect((await one.total.data())[0]).toBeCloseTo(2 * slowLoss(values, targets, 0), 4)
    const two = weightedSum([entry(1, 0), entry(0.5, 0.1)], input())
    expect([...two.parts.keys()]).toEqual(['cross-entropy', 'cross-entropy.2'])
    const expected = slowLoss(values, targets, 0) + 0.5 * slowLoss(values, targets, 0.1)
    expect((await two.total.data())[0]).toBeCloseTo(expected, 4)
  })
})

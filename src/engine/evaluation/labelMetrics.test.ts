import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import type { Measured } from './defineMetric.ts'
import { metrics } from './registry.ts'

const compute = (id: string, measured: Measured['labelSets']) => metrics.get(id).compute(measured)
const of = (targets: readonly number[][], logits: readonly number[][]): Measured['labelSets'] => ({
  logits: Float32Array.from(logits.flat()),
  targets: Uint8Array.from(targets.flat()),
  numLabels: targets[0]!.length,
})

describe('metrics of several labels an item', () => {
  it('are those of scikit-learn 1.9.1, with equal scores, an empty set and a label that nobody has', () => {
    // accuracy_score, f1_score(average='micro'), and the means of f1_score and average_precision_score by label
    const measured = of(
      [
        [1, 0, 1, 0],
        [0, 1, 1, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      [
        [2, -1, 0.5, -3],
        [0.5, 1, -0.25, -2],
        [0.5, -2, -1, 0.25],
        [-1, -0.5, -2, -4],
        [-3, 3, 1.5, -1],
      ],
    )
    expect(compute('exactSets', measured)).toBe(0.4)
    expect(compute('microF1', measured)).toBeCloseTo(0.6666666666666666, 12)
    expect(compute('labelF1', measured)).toBeCloseTo((0.8 + 0.8 + 0.5 + 0) / 4, 12)
    expect(compute('averagePrecision', measured)).toBeCloseTo(0.7611111111111111, 12)
  })

  it('are those of plain loops', () => {
    const [count, numLabels] = [40, 6]
    const generator = new Generator(5, 'labels')
    const table = (draw: (i: number) => number) =>
      Array.from({ length: count }, (_, item) =>
        Array.from({ length: numLabels }, (_, label) => draw(item * numLabels + label)),
      )
    const right = table((i) => Number(generator.uniform(0, i) < 0.3))
    // In quarters, so that scores are equal here and there; and better than chance.
    const scores = table((i) => Math.round(8 * generator.uniform(1, i) - 5 + 2 * right.flat()[i]!) / 4)
    const measured = of(right, scores)
    const precisions = Array.from({ length: numLabels }, (_, label) => {
      // As defined: sum over thresholds of precision times the gain of recall.
      const thresholds = [...new Set(scores.map((row) => row[label]!))].sort((a, b) => b - a)
      const total = right.filter((row) => row[label] === 1).length
      let [sum, before] = [0, 0]
      for (const threshold of thresholds) {
        const said = scores.flatMap((row, item) => (row[label]! >= threshold ? [right[item]![label]!] : []))
        const hits = said.filter((each) => each === 1).length
        sum += (hits / said.length) * (hits / total - before)
        before = hits / total
      }
      return sum
    })
    expect(compute('averagePrecision', measured)).toBeCloseTo(
      precisions.reduce((sum, value) => sum + value, 0) / numLabels,
      12,
    )
    const said = scores.map((row) => row.map((score) => Number(1 / (1 + Math.exp(-score)) > 0.5)))
    const same = said.filter((row, item) => row.join() === right[item]!.join()).length
    expect(compute('exactSets', measured)).toBe(same / count)
    const wrong = said.flat().filter((each, i) => each !== right.flat()[i]).length
    const both = said.flat().filter((each, i) => each === 1 && right.flat()[i] === 1).length
    expect(compute('microF1', measured)).toBeCloseTo((2 * both) / (2 * both + wrong), 12)
  })

  it('say nothing where nothing is there and nothing is said', () => {
    const silent = of([[0, 0]], [[-1, -2]])
    expect(compute('exactSets', silent)).toBe(1)
    for (const id of ['microF1', 'labelF1', 'averagePrecision']) expect(compute(id, silent)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { confusion, probabilities } from './rankings.ts'
import { metrics } from './registry.ts'

const compute = (id: string, measured: Parameters<ReturnType<typeof metrics.get>['compute']>[0]) =>
  metrics.get(id).compute(measured)

/** Three classes; the scores' softmax is 0.7, 0.2, 0.1 in some order. */
const sure = (best: number, second: number) =>
  [0, 1, 2].map((i) => Math.log(i === best ? 0.7 : i === second ? 0.2 : 0.1))
const measured = {
  logits: Float32Array.from([sure(0, 1), sure(0, 1), sure(1, 0), sure(2, 0), sure(0, 2)].flat()),
  targets: Int32Array.of(0, 0, 1, 1, 2),
  numClasses: 3,
}

describe('metrics of classes', () => {
  it('count what was right', () => {
    expect(compute('accuracy', measured)).toBe(3 / 5)
    expect([...confusion(measured)]).toEqual([2, 0, 0, 0, 1, 1, 1, 0, 0])
  })

  it('give macro F1 as the mean of each class’s own', () => {
    // Precision and recall: 2/3 and 1, 1 and 1/2, 0 and 0.
    expect(compute('macroF1', measured)).toBeCloseTo((4 / 5 + 2 / 3 + 0) / 3, 12)
    const absent = { ...measured, logits: measured.logits.subarray(0, 6), targets: Int32Array.of(0, 0) }
    expect(compute('macroF1', absent)).toBe(1)
  })

  it('give the calibration error of one bin as the gap in it', () => {
    expect(compute('calibrationError', measured)).toBeCloseTo(0.7 - 0.6, 6)
  })

  it('keep probabilities that sum to 1 beside scores beyond any exponent', () => {
    const extreme = { logits: Float32Array.of(1e30, -1e30, 1e30), targets: Int32Array.of(0), numClasses: 3 }
    expect([...probabilities(extreme, 0)]).toEqual([0.5, 0, 0.5])
  })

  it('are low for a guesser that is as sure as it is right', () => {
    const generator = new Generator(3, 'tests')
    const count = 4000
    const logits = new Float32Array(count * 2)
    const targets = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const share = generator.uniform(0, i)
      logits[2 * i] = Math.log(share / (1 - share))
      targets[i] = generator.uniform(1, i) < share ? 0 : 1
    }
    expect(compute('calibrationError', { logits, targets, numClasses: 2 })).toBeLessThan(0.04)
    const bold = logits.map((value) => 5 * value)
    expect(compute('calibrationError', { logits: bold, targets, numClasses: 2 })).toBeGreaterThan(0.1)
  })
})

describe('metrics of values', () => {
  const values = { prediction: Float32Array.of(1, 2, 3, 6), target: Float32Array.of(1, 2, 5, 4) }

  it('are in the unit of the target', () => {
    expect(compute('meanAbsoluteError', values)).toBe(1)
    expect(compute('rootMeanSquaredError', values)).toBeCloseTo(Math.sqrt(2), 12)
  })

  it('explain as much as the variance leaves', () => {
    expect(compute('rSquared', values)).toBeCloseTo(1 - 8 / 10, 12)
    const mean = { ...values, prediction: Float32Array.of(3, 3, 3, 3) }
    expect(compute('rSquared', mean)).toBe(0)
    expect(compute('rSquared', { ...mean, target: mean.prediction })).toBe(1)
    expect(compute('rSquared', { ...values, target: mean.prediction })).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { Series } from '../../runs/series.ts'
import { Smoother } from './smoothing.ts'

/** The definition, term by term: a mean of all values so far, weighted by weight^age. */
function weightedMeans(values: readonly number[], weight: number): number[] {
  return values.map((_, last) => {
    let sum = 0
    let total = 0
    for (let i = 0; i <= last; i++) {
      sum += values[i]! * weight ** (last - i)
      total += weight ** (last - i)
    }
    return sum / total
  })
}

function seriesOf(values: readonly number[]): Series {
  const series = new Series()
  values.forEach((value, step) => series.push(step, value, step))
  return series
}

const noisy = Array.from({ length: 300 }, (_, i) => 4 * Math.exp(-i / 80) + Math.sin(i * 12.9898) * 0.3)

describe('Smoother', () => {
  it('gives the weighted mean of its definition', () => {
    for (const weight of [0.3, 0.6, 0.9, 0.99]) {
      const smoothed = new Smoother(weight).update(seriesOf(noisy))
      weightedMeans(noisy, weight).forEach((mean, i) => expect(smoothed[i]).toBeCloseTo(mean, 10))
    }
  })

  it('leaves values as they are at weight 0', () => {
    expect([...new Smoother(0).update(seriesOf(noisy))]).toEqual(noisy)
  })

  it('has no bias towards zero at the start', () => {
    const smoothed = new Smoother(0.99).update(seriesOf([5, 5, 5, 5]))
    for (const value of smoothed) expect(value).toBeCloseTo(5, 12)
  })

  it('gives the same when it is fed in pieces', () => {
    const series = new Series()
    const piecewise = new Smoother(0.8)
    let smoothed = new Float64Array()
    noisy.forEach((value, step) => {
      series.push(step, value, step)
      if (step % 7 === 0 || step === noisy.length - 1) smoothed = Float64Array.from(piecewise.update(series))
    })
    expect([...smoothed]).toEqual([...new Smoother(0.8).update(series)])
  })

  it('starts over when a resumed run goes over its own tail', () => {
    const series = seriesOf(noisy)
    const smoother = new Smoother(0.9)
    smoother.update(series)
    series.truncateAfter(99)
    for (let step = 100; step < 400; step++) series.push(step, 1, step)
    expect([...smoother.update(series)]).toEqual([...new Smoother(0.9).update(series)])
  })

  it('passes values that are not finite through and keeps the mean clean of them', () => {
    const smoothed = new Smoother(0.5).update(seriesOf([1, NaN, 3, Infinity, 2]))
    expect(smoothed[1]).toBeNaN()
    expect(smoothed[3]).toBe(Infinity)
    const clean = new Smoother(0.5).update(seriesOf([1, 3, 2]))
    expect([smoothed[0], smoothed[2], smoothed[4]]).toEqual([...clean])
  })
})

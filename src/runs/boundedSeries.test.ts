import { expect, it } from 'vitest'
import { BoundedSeries } from './boundedSeries.ts'

it('holds a bounded number of points, spread over all of the run', () => {
  const bounded = new BoundedSeries(16)
  for (let step = 0; step < 1000; step++) bounded.push(step, 2 * step, 10 * step)
  const { steps, values, elapsedMs } = bounded.series
  expect(steps.length).toBeLessThan(16)
  expect(steps[0]).toBe(0)
  expect(steps.at(-1)!).toBeGreaterThan(800)
  const gaps = steps.slice(1).map((step, i) => step - steps[i]!)
  expect(new Set(gaps).size).toBe(1)
  expect([...values]).toEqual([...steps].map((step) => 2 * step))
  expect([...elapsedMs]).toEqual([...steps].map((step) => 10 * step))
})

it('takes a step once, and goes over its own tail', () => {
  const bounded = new BoundedSeries()
  expect([0, 1, 1, 2].map((step) => bounded.push(step, 5, 0))).toEqual([true, true, false, true])
  expect(bounded.push(1, 7, 0)).toBe(true)
  expect([...bounded.series.steps]).toEqual([0, 1])
  expect([...bounded.series.values]).toEqual([5, 7])
  bounded.truncateAfter(0)
  expect(bounded.series.last).toBe(5)
})

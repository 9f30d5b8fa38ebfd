import { describe, expect, it } from 'vitest'
import { Series } from './series.ts'

describe('Series', () => {
  it('keeps what was pushed, past its first size', () => {
    const series = new Series()
    for (let step = 1; step <= 1000; step++) series.push(step, step * 2, step * 10)
    expect(series.length).toBe(1000)
    expect(series.steps[999]).toBe(1000)
    expect(series.values[999]).toBe(2000)
    expect(series.elapsedMs[0]).toBe(10)
    expect(series.last).toBe(2000)
  })

  it('lets a resumed run go over its own tail', () => {
    const series = new Series()
    for (const step of [1, 2, 3, 4]) series.push(step, step, 0)
    series.push(3, 30, 0)
    expect([...series.steps]).toEqual([1, 2, 3])
    expect([...series.values]).toEqual([1, 2, 30])
  })

  it('forgets what lies after a step', () => {
    const series = new Series()
    for (const step of [1, 2, 3, 4]) series.push(step, step, 0)
    series.truncateAfter(2)
    expect([...series.steps]).toEqual([1, 2])
  })
})

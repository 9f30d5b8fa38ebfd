import { describe, expect, it } from 'vitest'
import { Series } from '../../runs/series.ts'
import { columnsOf, readAt, strokesOf, type Axes } from './columns.ts'
import type { Curve } from './panels.ts'

const axes: Axes = { axis: 'step', isLogX: false, isLogY: false, zoom: null, smoothing: 0 }

function curve(
  points: readonly (readonly [step: number, value: number])[],
  change: Partial<Curve> = {},
): Curve {
  const series = new Series()
  for (const [step, value] of points) series.push(step, value, step * 1000)
  return {
    key: 'k',
    label: 'k',
    series,
    color: '#000',
    dash: [],
    isDense: false,
    isSparse: false,
    pauses: [],
    ...change,
  }
}

describe('columnsOf', () => {
  it('makes one column a stroke, faint values first', () => {
    const dense = curve(
      [
        [0, 4],
        [1, 2],
      ],
      { isDense: true },
    )
    const smoothed = { ...axes, smoothing: 0.5 }
    expect(strokesOf([dense], 0.5).map((stroke) => stroke.isFaint)).toEqual([true, false])
    const [xs, faint, line] = columnsOf([dense], smoothed, 300)
    expect(xs).toEqual([0, 1])
    expect(faint).toEqual([4, 2])
    expect(line![1]).toBeCloseTo((4 * 0.5 + 2) / 1.5, 12)
  })

  it('leaves a gap where the run was paused, in noisy curves only', () => {
    const points = [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ] as const
    expect(columnsOf([curve(points, { isDense: true, pauses: [2] })], axes, 300)).toEqual([
      [1, 2, 2.5, 3, 4],
      [1, 2, null, 3, 4],
    ])
    expect(columnsOf([curve(points, { isSparse: true, pauses: [2] })], axes, 300)[0]).toEqual([1, 2, 3, 4])
  })

  it('leaves a gap for what cannot be drawn', () => {
    const odd = curve([
      [0, 1],
      [1, NaN],
      [2, -3],
      [3, Infinity],
    ])
    expect(columnsOf([odd], axes, 300)[1]).toEqual([1, null, -3, null])
    expect(columnsOf([odd], { ...axes, isLogY: true }, 300)[1]).toEqual([1, null, null, null])
  })

  it('has no place for step 0 on a logarithmic axis', () => {
    expect(
      columnsOf(
        [
          curve([
            [0, 5],
            [1, 4],
            [10, 3],
          ]),
        ],
        { ...axes, isLogX: true },
        300,
      ),
    ).toEqual([
      [1, 10],
      [4, 3],
    ])
  })

  it('draws what is zoomed to and a point at each side', () => {
    const long = curve(Array.from({ length: 100 }, (_, i) => [i, i] as const))
    expect(columnsOf([long], { ...axes, zoom: [40, 42] }, 300)[0]).toEqual([39, 40, 41, 42, 43])
  })

  it('puts curves on time when asked to', () => {
    expect(columnsOf([curve([[2, 7]])], { ...axes, axis: 'time' }, 300)).toEqual([[2000], [7]])
  })

  it('stays small for a long run', () => {
    const long = curve(Array.from({ length: 50_000 }, (_, i) => [i, Math.sin(i)] as const))
    expect(columnsOf([long], axes, 600)[0].length).toBeLessThanOrEqual(601 * 5)
  })
})

describe('readAt', () => {
  it('reads the nearest point, and nothing before the first', () => {
    const sparse = curve([
      [100, 3],
      [200, 2],
    ])
    expect(readAt(sparse, axes, 140)).toMatchObject({ step: 100, raw: 3, shown: 3, elapsedMs: 100_000 })
    expect(readAt(sparse, axes, 160)).toMatchObject({ step: 200, raw: 2 })
    expect(readAt(sparse, axes, Infinity)).toMatchObject({ step: 200 })
    expect(readAt(sparse, axes, 40)).toBeNull()
    expect(readAt(curve([]), axes, 0)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { Series } from '../../runs/series.ts'
import type { Curve, Panel } from './panels.ts'
import { placeOf, summarize, trendOf } from './summary.ts'
import { allRows, someRows, toCsv } from './table.ts'

function curve(label: string, points: readonly (readonly [step: number, value: number])[]): Curve {
  const series = new Series()
  for (const [step, value] of points) series.push(step, value, step * 10)
  return { key: label, label, series, color: '#000', dash: [], isDense: false, isSparse: false, pauses: [] }
}

const train = curve(
  'train',
  Array.from({ length: 10 }, (_, i) => [i + 1, 4 - i * 0.25] as const),
)
const validation = curve('validation', [
  [5, 3.5],
  [10, 2.5],
])

describe('a chart as a table', () => {
  it('has every step of every curve once', () => {
    const rows = allRows([train, validation])
    expect(rows.map((row) => row.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(rows[3]).toEqual({ step: 4, elapsedMs: 40, values: [3.25, null] })
    expect(rows[4]).toEqual({ step: 5, elapsedMs: 50, values: [3, 3.5] })
  })

  it('reads at the steps of the sparsest curve', () => {
    expect(someRows([train, validation], 100).map((row) => row.step)).toEqual([5, 10])
  })

  it('follows the longest of equally sparse curves', () => {
    const short = {
      ...curve('short', [
        [5, 3],
        [10, 2],
      ]),
      key: 'b',
    }
    const long = {
      ...curve('long', [
        [5, 3],
        [10, 2],
        [15, 1],
        [20, 1],
      ]),
      key: 'a',
    }
    expect(someRows([short, long, train], 100).map((row) => row.step)).toEqual([5, 10, 15, 20])
  })

  it('names columns so that two runs of one name can be told apart', () => {
    const twins = [
      { ...curve('one', []), key: 'a' },
      { ...curve('one', []), key: 'b' },
    ]
    expect(toCsv(twins)).toBe('step,elapsed_s,one (a),one (b)\r\n')
  })

  it('keeps to its limit and holds the last step', () => {
    const rows = someRows([train], 4)
    expect(rows.length).toBeLessThanOrEqual(4)
    expect(rows.at(-1)!.step).toBe(10)
  })

  it('writes CSV that reads back exactly', () => {
    const odd = curve('one, "two"', [[3, 0.1 + 0.2]])
    expect(toCsv([odd])).toBe('step,elapsed_s,"one, ""two"""\r\n3,0.03,0.30000000000000004\r\n')
  })

  it('does not let a name become a formula', () => {
    expect(toCsv([curve('=HYPERLINK(1)', [])])).toBe("step,elapsed_s,'=HYPERLINK(1)\r\n")
  })
})

describe('a chart in words', () => {
  it('says start, end, best and trend', () => {
    const panel = { key: 'loss', title: 'Loss', unit: '', curves: [train] }
    expect(summarize(panel)).toBe(
      'Loss. train: from 4.000 at step 1 to 1.750 at step 10, lowest 1.750 at step 10, falling.',
    )
  })

  it('says so when there is nothing', () => {
    expect(summarize({ key: 'loss', title: 'Loss', unit: '', curves: [] })).toBe('Loss. No values yet.')
  })

  it('tells the trend from the last fifth only', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i < 80 ? 100 - i : i))
    expect(trendOf(values)).toBe('rising')
    expect(trendOf(new Float64Array(50).fill(3))).toBe('level')
    expect(trendOf(values.subarray(0, 80))).toBe('falling')
  })
})

it('names the place of the cursor by the curve that has a value at every step', () => {
  const panel = {
    key: 'loss',
    title: 'Loss',
    unit: '',
    curves: [{ isDense: false }, { isDense: true }],
  } as Panel
  const readings = [
    { step: 100, elapsedMs: 4000 },
    { step: 142, elapsedMs: 16_000 },
  ]
  expect(placeOf(panel, readings, true)).toBe('step 142 · 16 s')
  expect(placeOf(panel, [readings[0]!, null], false)).toBe('step 100')
  expect(placeOf(panel, [null, null], true)).toBe('')
})

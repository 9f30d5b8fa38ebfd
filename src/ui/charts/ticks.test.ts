import { describe, expect, it } from 'vitest'
import { linearTicks, logTicks, timeTicks } from './ticks.ts'

describe('linearTicks', () => {
  it('gives all labels the decimals that the spacing needs', () => {
    expect(linearTicks([1, 1.25, 1.5], 0.25)).toEqual(['1.00', '1.25', '1.50'])
    expect(linearTicks([0, 2, 4], 2)).toEqual(['0', '2', '4'])
  })
  it('gives all labels one unit', () => {
    expect(linearTicks([0, 50_000, 100_000], 50_000)).toEqual(['0', '50k', '100k'])
    expect(linearTicks([0, 500_000, 1_000_000, 1_500_000], 500_000)).toEqual(['0', '0.5M', '1.0M', '1.5M'])
    expect(linearTicks([182_500, 185_000], 2_500)).toEqual(['182.5k', '185.0k'])
  })
  it('writes small learning rates as powers of ten', () => {
    expect(linearTicks([0, 2e-4, 4e-4], 2e-4)).toEqual(['0', '2e\u22124', '4e\u22124'])
    expect(linearTicks([0, 0.0005, 0.001], 0.0005)).toEqual(['0', '0.0005', '0.0010'])
  })
  it('leaves out what uPlot leaves out', () => {
    expect(linearTicks([1, null, 3], 1)).toEqual(['1', null, '3'])
  })
})

describe('logTicks', () => {
  it('is as short as it can be', () => {
    expect(logTicks([1e-5, 0.01, 1, 1000, 20_000, 1e6, null])).toEqual([
      '1e\u22125',
      '0.01',
      '1',
      '1000',
      '20k',
      '1M',
      null,
    ])
  })
})

describe('timeTicks', () => {
  it('takes the unit from the longest', () => {
    expect(timeTicks([0, 500], 500)).toEqual(['0', '500 ms'])
    expect(timeTicks([0, 500, 1000], 500)).toEqual(['0', '0.5 s', '1.0 s'])
    expect(timeTicks([0, 30_000, 90_000], 30_000)).toEqual(['0', '0:30 min', '1:30 min'])
    expect(timeTicks([0, 1_800_000, 8_100_000], 1_800_000)).toEqual(['0', '0:30 h', '2:15 h'])
  })
})

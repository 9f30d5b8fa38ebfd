import { describe, expect, it } from 'vitest'
import { fakeProfile } from '../../../tests/helpers/fakeProfile.ts'
import {
  clockStepMs,
  groupKernels,
  ratesOf,
  sortGroups,
  splitLabel,
  totalsOf,
  type Dispatch,
} from './kernels.ts'

const dispatch = (startMs: number, durationMs: number, flops = 0, bytes = 0): Dispatch => ({
  label: 'k 1',
  startMs,
  durationMs,
  flops,
  bytes,
})
const { dispatches, peaks } = fakeProfile()
const groups = groupKernels(dispatches!, peaks)

describe('groups of kernels', () => {
  it.each([
    ['matmul 512 192 64 false false true', 'matmul', '512 192 64 false false true'],
    ['attention query gradient 64 4', 'attention query gradient', '64 4'],
    ['gelu_tanh backward true', 'gelu_tanh backward', 'true'],
    ['lookUp 64 ', 'lookUp', '64'],
    ['BinaryOpProgram', 'BinaryOpProgram', ''],
    ['clip 1e-7', 'clip', '1e-7'],
  ])('splits %j before the first size', (label, name, detail) => {
    expect(splitLabel(label)).toEqual({ name, detail })
  })

  it('holds every dispatch once, longest group first, with shares that add up', () => {
    const indices = groups.flatMap(({ members }) => members.map(({ index }) => index))
    expect(indices.toSorted((a, b) => a - b)).toEqual(dispatches!.map((_, i) => i))
    expect(groups[0]!.name).toBe('attention query gradient')
    const matmul = groups.find(({ name }) => name === 'matmul')!
    expect(matmul.ms).toBeCloseTo(0.21, 9)
    expect(matmul.members.map(({ index }) => index)).toEqual([2, 4])
    expect(groups.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  it('gives seven groups colours of their own and the rest the last one', () => {
    expect(groups.slice(0, 7).map(({ color }) => color)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((i) => `var(--series-${i})`),
    )
    expect(new Set(groups.slice(7).map(({ color }) => color))).toEqual(new Set(['var(--series-8)']))
  })

  it('sorts by any column, both ways', () => {
    const names = sortGroups(groups, 'name', false).map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['attention', 'attention key value gradient'])
    expect(sortGroups(groups, 'count', false)[0]!.name).toBe('matmul')
    expect(sortGroups(groups, 'flops', true).at(-1)!.name).toBe('matmul')
  })
})

describe('rates', () => {
  it('are what was done by the time of the kernels that tell it', () => {
    const rates = ratesOf([dispatch(0, 2, 8e6, 4e6), dispatch(2, 2, 0, 4e6)], {
      flopsPerSecond: 8e9,
      bytesPerSecond: 8e9,
    })
    expect(rates).toEqual({
      flopsPerSecond: 4e9,
      bytesPerSecond: 2e9,
      ofPeak: { share: 0.5, bound: 'compute' },
    })
  })

  it('are unknown where the clock told no time, and shares where the peaks are', () => {
    expect(ratesOf([dispatch(0, 0, 8, 8)], peaks)).toEqual({
      flopsPerSecond: null,
      bytesPerSecond: null,
      ofPeak: null,
    })
    expect(ratesOf([dispatch(0, 1, 0, 8e6)], null)).toEqual({
      flopsPerSecond: null,
      bytesPerSecond: 8e9,
      ofPeak: null,
    })
  })
})

describe('totals', () => {
  it('count overlaps once in the span, and find the gaps', () => {
    const totals = totalsOf([dispatch(1, 4), dispatch(2, 1), dispatch(4, 3), dispatch(9, 1)])
    expect(totals).toEqual({ count: 4, gpuMs: 9, spanMs: 9, gapMs: 2 })
  })
  it('are nothing of nothing', () => {
    expect(totalsOf([])).toEqual({ count: 0, gpuMs: 0, spanMs: 0, gapMs: 0 })
  })
})

it('notices a clock that is rounded, and not one that is fine', () => {
  const rounded = Array.from({ length: 20 }, (_, i) => dispatch(i * 0.065536, 0.065536))
  expect(clockStepMs(rounded)).toBeCloseTo(0.065536, 9)
  expect(clockStepMs(rounded.map((one, i) => ({ ...one, startMs: one.startMs + i * 1e-4 })))).toBeNull()
  expect(clockStepMs([])).toBeNull()
})

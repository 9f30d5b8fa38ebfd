import { expect, it } from 'vitest'
import { faultsOf, type SoakSample } from './soak.ts'

const flat: SoakSample = {
  step: 0,
  stepMs: 10,
  buffersMade: 100,
  bufferBytes: 5000,
  tensors: 40,
  residentBytes: 2e8,
  loss: 1,
}
const soak = (change: (index: number) => Partial<SoakSample>) =>
  faultsOf(Array.from({ length: 20 }, (_, index) => ({ ...flat, ...change(index) })))

it('finds nothing where all is flat after the first stretch', () => {
  expect(soak((index) => (index === 0 ? { buffersMade: 1, stepMs: 90, residentBytes: 1 } : {}))).toEqual([])
})

it('finds what grows, what drifts and what is no number', () => {
  expect(soak((index) => ({ buffersMade: 100 + index }))).toEqual(['buffers made grew from 101 to 119'])
  expect(soak((index) => ({ bufferBytes: 5000 + index }))).toEqual([
    'bytes of buffers grew from 5001 to 5019',
  ])
  expect(soak((index) => ({ residentBytes: 2e8 + index * 1e7 }))[0]).toMatch(/resident bytes grew/)
  expect(soak((index) => ({ stepMs: 10 + index }))[0]).toMatch(/steps took 2\.\d+ times as long/)
  expect(soak((index) => (index === 7 ? { loss: Number.NaN } : {}))).toEqual(['a loss was not finite'])
})

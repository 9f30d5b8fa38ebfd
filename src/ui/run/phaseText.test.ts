import { expect, it } from 'vitest'
import { phaseShare, phaseText } from './phaseText.ts'

it('names the phase, how much is done and of how much', () => {
  expect(phaseText({ name: 'compiling', done: 12, total: 31, unit: 'kernels' })).toBe('compiling 12 of 31')
  expect(phaseText({ name: 'reading data', done: 12e6, total: 40e6, unit: 'bytes' })).toBe(
    'reading data 12 MB of 40 MB',
  )
})
it('leaves out what is not known', () => {
  expect(phaseText({ name: 'saving', done: 0, total: 0, unit: '' })).toBe('saving')
  expect(phaseShare({ name: 'saving', done: 0, total: 0, unit: '' })).toBeNull()
})

import { expect, it } from 'vitest'
import { selfTestProblems, selfTestSummary } from './selfTestWords.ts'

const right = { isRight: true, worstError: 1e-7, problem: null, isTwinRight: null, elapsedMs: 5 }
const wrong = { isRight: false, worstError: 0.3, problem: 'rows: differs', isTwinRight: true, elapsedMs: 5 }

it('counts the kernels that are right', () => {
  const verdicts = [
    { kernel: 'linear', ...right },
    { kernel: 'rmsNorm', ...right },
  ]
  expect(selfTestSummary({ verdicts, total: 2, replaced: [] })).toBe('self-test: 2 kernels right')
  expect(selfTestSummary({ verdicts, total: 15, replaced: [] })).toBe(
    'self-test: 2 of 15 kernels right so far',
  )
  expect(selfTestSummary({ verdicts: [], total: 0, replaced: [] })).toBeNull()
  expect(selfTestSummary(null)).toBeNull()
})

it('says which are wrong, how wrong, and what computes instead', () => {
  const verdicts = [
    { kernel: 'matmul', ...wrong },
    { kernel: 'layerNorm', ...wrong, worstError: null, problem: 'does not compile', isTwinRight: false },
    { kernel: 'rmsNorm', ...right },
    { kernel: 'half', ...wrong, worstError: null, problem: 'nothing', isTwinRight: false, isLate: true },
  ]
  const report = { verdicts, total: 4, replaced: ['matmul', 'layerNorm', 'half', 'linear'] }
  expect(selfTestSummary(report)).toBe('self-test: 1 kernels right, 3 wrong')
  expect(selfTestProblems(report)).toEqual([
    'matmul is wrong on this adapter (worst error 0.3); its slower form is used.',
    'layerNorm is wrong on this adapter (does not compile); its slower form is wrong here, too.',
    'half did not answer in time, as on a machine that is busy; its slower form is used until the page is opened again.',
    'So are the slower forms of what uses it: linear.',
  ])
})

import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { chooseMatmul, setMatmulChoices } from '../matmul/chooseMatmul.ts'
import { timeMatmul, tuneMatmul } from './tuneMatmul.ts'

const shape = {
  rows: 64,
  columns: 32,
  inner: 64,
  isATransposed: false,
  isBTransposed: false,
  canBeParts: false,
}

await describeOnDevices('tuneMatmul', () => {
  it('chooses a candidate, which products then use, and leaves no tensors', async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const before = tf.memory().numTensors
    const candidates = ['registers-4x8', 'shared-32x32', 'shared-32x32-4parts'] as const
    const choices = await tuneMatmul(backend, [shape], { rounds: 1, candidates })
    expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
    // A product with an epilogue cannot be summed in parts.
    expect(['registers-4x8', 'shared-32x32']).toContain(choices['nn 64 32 64'])
    setMatmulChoices(backend, { 'nn 64 32 64': 'registers-4x8' })
    expect(chooseMatmul(backend, shape, false)).toBe('registers-4x8')
    setMatmulChoices(backend, null)
  }, 120_000)

  it('times every candidate once', async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const candidates = ['registers-4x8', 'shared-32x32-4parts'] as const
    const timings = await timeMatmul(backend, { ...shape, canBeParts: true }, { rounds: 1, candidates })
    expect(timings.map(({ name }) => name)).toEqual([...candidates])
    for (const { timeMs } of timings) expect(timeMs).toBeLessThan(10_000)
  }, 120_000)
})

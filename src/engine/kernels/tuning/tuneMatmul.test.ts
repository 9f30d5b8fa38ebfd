import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { chooseMatmul, productsWithin, tableChoice, withMatmulChoices } from '../matmul/chooseMatmul.ts'
import { timeMatmul, tuneMatmul } from './tuneMatmul.ts'

const shape = {
  count: 1,
  rows: 64,
  columns: 32,
  inner: 64,
  isATransposed: false,
  isBTransposed: false,
  canBeParts: false,
}
const larger = { ...shape, rows: 128, canBeParts: true }
const candidates = ['registers-4x8', 'shared-32x32', 'shared-32x32-4parts'] as const

await describeOnDevices('tuneMatmul', () => {
  it('chooses a candidate, which products then use, and leaves no tensors', async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const before = tf.memory().numTensors
    const choices = await tuneMatmul(backend, [shape], { rounds: 1, candidates, budgetMs: 60_000 })
    expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
    // A product with an epilogue cannot be summed in parts.
    expect(['registers-4x8', 'shared-32x32']).toContain(choices['nn 64 32 64'])
    const chosen = withMatmulChoices({ 'nn 64 32 64': 'shared-32x32' }, () =>
      chooseMatmul(backend, shape, false),
    )
    expect(chosen).toBe('shared-32x32')
    expect(chooseMatmul(backend, shape, false)).toBe(tableChoice(backend, shape, false))
  }, 120_000)

  it('begins with the most work, and leaves out what the time is too short for', async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const some = { rounds: 1, candidates }
    const all = await tuneMatmul(backend, [larger, shape, shape, shape], { ...some, budgetMs: 60_000 })
    expect(Object.keys(all)).toEqual(['nn 64 32 64', 'nn 128 32 64'])
    expect(await tuneMatmul(backend, [shape, larger], { ...some, budgetMs: 0 })).toEqual({})
  }, 120_000)

  it('notes the products that are asked for', () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const found = productsWithin(() => {
      chooseMatmul(backend, shape, false)
      chooseMatmul(backend, larger, true)
    })
    chooseMatmul(backend, shape, false)
    expect(found).toEqual([shape, larger])
  })

  it('times every candidate once', async () => {
    const backend = tf.backend()
    if (!(backend instanceof LabBackend)) return
    const two = ['registers-4x8', 'shared-32x32-4parts'] as const
    const timings = await timeMatmul(backend, { ...shape, canBeParts: true }, { rounds: 1, candidates: two })
    expect(timings.map(({ name }) => name).sort()).toEqual([...two].sort())
    for (const { timeMs } of timings) expect(timeMs).toBeLessThan(10_000)
  }, 120_000)
})

import { expect, it } from 'vitest'
import { fakePlan } from '../../../tests/helpers/fakePlan.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { memoryOffers } from './memoryOffers.ts'

const plan = { ...fakePlan, stageIndex: 1, budget: 30e6 }
const config = (gradientCheckpointing: string, batchSize = 12, accumulationSteps = 2) =>
  ({
    memory: { gradientCheckpointing },
    stages: [
      { batchSize: 1, accumulationSteps: 1 },
      { batchSize, accumulationSteps },
    ],
  }) as unknown as RunConfig

it('offers nothing for what fits', () => {
  expect(memoryOffers({ ...plan, budget: 36e6 }, config('off'))).toEqual([])
})

it('offers checkpointing where it was turned off, and smaller batches that make the same update', () => {
  const [first, second, ...others] = memoryOffers(plan, config('off'))
  expect(others).toEqual([])
  expect(first!.changes).toEqual([{ path: ['memory', 'gradientCheckpointing'], value: 'auto' }])
  expect(second!.label).toBe('4 batches of 6 an update')
  expect(second!.changes).toEqual([
    { path: ['stages', 1, 'batchSize'], value: 6 },
    { path: ['stages', 1, 'accumulationSteps'], value: 4 },
  ])
  expect(memoryOffers(plan, config('auto')).map(({ label }) => label)).toEqual(['4 batches of 6 an update'])
})

it('halves no odd batch, and adds up no more than a stage can', () => {
  expect(memoryOffers(plan, config('auto', 7))).toEqual([])
  expect(memoryOffers(plan, config('auto', 1))).toEqual([])
  expect(memoryOffers(plan, config('auto', 8, 1024))).toEqual([])
})

it('offers smaller batches for a buffer that the adapter does not allow', () => {
  const tooLarge = { ...plan, budget: 1e9, largest: { ...plan.largest, sizeBytes: 200e6 } }
  expect(memoryOffers(tooLarge, config('off')).map(({ label }) => label)).toEqual([
    '4 batches of 6 an update',
  ])
})

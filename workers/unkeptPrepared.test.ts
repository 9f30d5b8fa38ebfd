import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { createStepStore } from '../src/storage/stepStore.ts'
import { clearSteps } from '../src/storage/stepUse.ts'
import { lossesOf, openBench, statusesOf, uninterrupted } from './testRun.ts'

it('a run learns the same from arrays that could not be stored, and says what to do where there are none', async () => {
  const bench = await openBench()
  const whole = await uninterrupted(bench)
  const { bytes } = (await createStepStore(bench.db).get(bench.preparedKey))!
  await clearSteps(bench.db)
  const handedOn = bench.host({ runId: 'a', preparedBytes: bytes })
  await handedOn.host.run()
  expect(lossesOf(handedOn.events)).toEqual(whole.losses)
  const without = bench.host({ runId: 'b' })
  await without.host.run()
  expect(statusesOf(without.events)).toEqual(['failed'])
  expect(without.events.find(({ type }) => type === 'error')).toMatchObject({
    error: { code: 'prepared-missing' },
  })
})

import 'fake-indexeddb/auto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigValue } from '../src/core/schema.ts'
import { withValueAt } from '../src/core/schema.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { listKept, loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { readEvents } from '../src/storage/logStore.ts'
import { deleteRun, getRun } from '../src/storage/runStore.ts'
import { branchStored, keptPoint } from './branchStored.ts'
import { at, lossesOf, openBench, tensorBytes, uninterrupted, type Bench } from './testRun.ts'

const ratePath = ['stages', 0, 'optimizer', 'learningRate'] as const

let bench: Bench
let whole: Awaited<ReturnType<typeof uninterrupted>>
const changed = (path: readonly (string | number)[], value: ConfigValue) =>
  withValueAt(bench.config as unknown as ConfigValue, path, value) as unknown as RunConfig
/** The branch trained to its end. */
async function train(runId: string, config = bench.config) {
  const { host, events } = bench.host({ runId, isResume: true, config, parent: 'whole' })
  await host.run()
  return lossesOf(events)
}
const after = (losses: Record<number, number>, step: number) =>
  Object.fromEntries(Object.entries(losses).filter(([at]) => Number(at) > step))

beforeAll(async () => {
  bench = await openBench()
  whole = await uninterrupted(bench)
})

describe('a branch of a stored run', () => {
  it('without another setting goes on to the very bits of the run, from each checkpoint that is kept', async () => {
    const steps = (await listKept(bench.db, 'whole')).map(({ step }) => step)
    expect(steps.length).toBeGreaterThan(1)
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => b - a))
    for (const step of steps.filter((each) => each < 8)) {
      const runId = `same-${step}`
      await branchStored(bench.db, { runId, parent: 'whole', step, config: bench.config })
      expect(await train(runId)).toEqual(after(whole.losses, step))
      expect(await tensorBytes(bench.db, runId)).toEqual(whole.tensors)
    }
  })

  it('takes up another learning rate, and says in its record which run it left, where, and what differs', async () => {
    const config = changed(ratePath, 0.5)
    await branchStored(bench.db, { runId: 'fast', parent: 'whole', step: 6, config })
    const branch = {
      runId: 'whole',
      step: 6,
      changes: [{ path: 'stages[0].optimizer.learningRate', to: '0.5' }],
    }
    expect(await getRun(bench.db, 'fast')).toMatchObject({
      name: 'Unnamed run, from step 6',
      parent: 'whole',
      step: 6,
      branch,
    })
    const losses = await train('fast', config)
    expect(losses[7]).toBe(whole.losses[7])
    expect(losses[8]).not.toBe(whole.losses[8])
    const { latest } = await getRun(bench.db, 'fast')
    expect(latest['learningRate']).toBeGreaterThan(0)
    const told = (await readEvents(bench.db, 'fast')).map(
      ({ event }) => event as { title?: string; detail?: string },
    )
    expect(told.find(({ title }) => title === 'Branched from Unnamed run')?.detail).toMatch(/0\.5 instead of/)
  })

  it('puts a new setting in the place of what was set by hand, and else keeps that', async () => {
    const { host } = bench.host(
      { runId: 'steered' },
      at(2, (running) => running.control({ type: 'set-learning-rate', value: 0.25 })),
    )
    await host.run()
    const { edits } = await keptPoint(bench.db, 'steered', 6)
    expect(edits).toMatchObject([{ setting: 'learningRate', value: 0.25 }])
    const ratesOf = async (runId: string, config: RunConfig) => {
      await branchStored(bench.db, { runId, parent: 'steered', step: 6, config })
      await train(runId, config)
      return (await getRun(bench.db, runId)).latest['learningRate']!
    }
    const byHand = await ratesOf('kept', bench.config)
    expect(await ratesOf('replaced', changed(ratePath, 0.5))).toBeCloseTo(byHand * 2, 6)
  })

  it('stores nothing where a setting cannot change, or nothing is kept of that step', async () => {
    const config = changed(['model', 'embedDim'], 16)
    const request = { runId: 'none', parent: 'whole', step: 6 }
    await expect(branchStored(bench.db, { ...request, config })).rejects.toMatchObject({
      code: 'branch-unfit',
      message: expect.stringContaining('model.embedDim: ') as string,
    })
    await expect(branchStored(bench.db, { ...request, step: 5, config: bench.config })).rejects.toMatchObject(
      {
        code: 'checkpoint-missing',
      },
    )
    await expect(getRun(bench.db, 'none')).rejects.toMatchObject({ code: 'run-missing' })
  })

  it('needs the run that it left no more', async () => {
    await branchStored(bench.db, { runId: 'orphan', parent: 'whole', step: 6, config: bench.config })
    await deleteRun(bench.db, 'whole')
    expect(await loadCheckpoint(bench.db, 'orphan', 'latest')).not.toBeNull()
    expect(await train('orphan')).toEqual(after(whole.losses, 6))
  })
})

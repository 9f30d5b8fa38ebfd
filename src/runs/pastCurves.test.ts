import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { createRunSchema, defaultRunConfig } from '../core/runConfig.ts'
import type { RunRecord } from '../storage/types.ts'
import { PastCurves } from './pastCurves.svelte.ts'
import { RunState } from './runState.svelte.ts'

const config = defaultRunConfig(createRunSchema(testCatalog))

/** Runs by id: their losses by step, and which run they left at which step. */
const runs: Record<string, { losses: Record<number, number>; from?: [parent: string, step: number] }> = {
  first: { losses: { 1: 10, 2: 20, 3: 30, 4: 40 } },
  second: { losses: { 3: 33, 4: 44, 5: 55 }, from: ['first', 2] },
  third: { losses: { 5: 555 }, from: ['second', 4] },
  early: { losses: { 2: 222 }, from: ['second', 1] },
  orphan: { losses: { 9: 9 }, from: ['gone', 8] },
}
const find = (id: string) => {
  const run = runs[id]
  const branch = run?.from && { runId: run.from[0], step: run.from[1] }
  return (run ? { id, parent: run.from?.[0] ?? null, ...(branch && { branch }) } : null) as RunRecord | null
}
const load = (id: string) => {
  if (!runs[id]) return Promise.resolve(null)
  const state = new RunState(id, config, null)
  for (const [step, loss] of Object.entries(runs[id].losses))
    state.apply([{ type: 'metrics', step: Number(step), values: { 'train/loss': loss }, elapsedMs: 0 }])
  return Promise.resolve(state)
}

async function pastOf(id: string): Promise<number[]> {
  const past = new PastCurves({ find, load })
  await past.follow(find(id))
  return [...(past.series.get('train/loss')?.values ?? [])]
}

describe('curves of the runs that a branch came from', () => {
  it('end where each was left, over several branches', async () => {
    expect(await pastOf('second')).toEqual([10, 20])
    expect(await pastOf('third')).toEqual([10, 20, 33, 44])
    expect(await pastOf('early'), 'left before its own run was left').toEqual([10])
  })

  it('are none of a run that is no branch, or whose run is gone', async () => {
    expect(await pastOf('first')).toEqual([])
    expect(await pastOf('orphan')).toEqual([])
  })
})

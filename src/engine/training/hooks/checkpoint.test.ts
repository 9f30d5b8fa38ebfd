import { expect, it } from 'vitest'
import { float32Tensor } from '../../../core/hostTensor.ts'
import type { RunContext } from '../runContext.ts'
import { emptyHistory } from '../notices/history.ts'
import { freshProgress } from '../trainRun.ts'
import checkpoint from './checkpoint.ts'

/** What the hook reads of a context; `best` says whether the evaluation of this step was the best so far. */
function contextOf({
  isBest,
  onSave,
}: {
  isBest: boolean
  onSave: (slot: string, demands: Set<string>) => void
}) {
  const progress = freshProgress()
  progress.step = 7
  if (isBest) progress.best = { metric: 'validation/loss', value: 1, step: 7 }
  const controls: RunContext['controls'] = { learningRate: null, demands: new Set() }
  const clock = { nowMs: 0 }
  const saved: string[] = []
  const context = {
    config: { evaluation: { checkpointEvery: 1000 }, stages: [], model: { kind: 'gpt' } },
    stage: { earlyStopping: { isEnabled: false }, losses: [] },
    history: emptyHistory(),
    session: { exportState: () => Promise.resolve(new Map([['w', float32Tensor([1], Float32Array.of(1))]])) },
    host: {
      now: () => clock.nowMs,
      saveCheckpoint: ({ slot }: { slot: string }) => {
        saved.push(slot)
        onSave(slot, controls.demands)
        return Promise.resolve({ sizeBytes: 4 })
      },
    },
    progress,
    controls,
    evaluation: isBest ? { 'validation/loss': 1 } : null,
    isEndOfRun: false,
    isEndOfStage: false,
    stopReason: null,
    lastKept: { atMs: 0, tookMs: 0 },
  } as unknown as RunContext
  const run = async () => {
    for await (const event of checkpoint.run(context)) void event
  }
  return { context, controls, clock, saved, run }
}

it('meets a demand that comes while only the best checkpoint is being saved, after the next update', async () => {
  const { context, controls, saved, run } = contextOf({
    isBest: true,
    onSave: (slot, demands) => void (slot === 'best' && demands.add('checkpoint')),
  })
  await run()
  expect(saved).toEqual(['best'])
  expect(controls.demands.has('checkpoint')).toBe(true)
  context.evaluation = null
  context.progress.step++
  expect(checkpoint.isDue(context)).toBe(true)
  await run()
  expect(saved).toEqual(['best', 'latest'])
  expect(controls.demands.has('checkpoint')).toBe(false)
})

it('keeps the latest state once a minute has gone by, and less often where keeping takes long', async () => {
  const { context, clock, saved, run } = contextOf({ isBest: false, onSave: () => (clock.nowMs += 6_000) })
  clock.nowMs = 60_000
  expect(checkpoint.isDue(context)).toBe(false)
  clock.nowMs = 60_001
  expect(checkpoint.isDue(context)).toBe(true)
  await run()
  expect(saved).toEqual(['latest'])
  clock.nowMs += 120_000
  expect(checkpoint.isDue(context)).toBe(false)
  clock.nowMs += 1
  expect(checkpoint.isDue(context)).toBe(true)
})

import { expect, it } from 'vitest'
import { engineConfig } from '../../../../tests/helpers/engineConfig.ts'
import type { RunContext, RunProgress } from '../runContext.ts'
import earlyStopping from './earlyStopping.ts'

/** What the hook makes of values that come one validation after the other. */
async function watch(monitor: string, values: readonly number[], stage: Record<string, unknown> = {}) {
  const config = engineConfig({
    task: 'table-classification',
    model: { kind: 'mlp' },
    stage: { monitor, earlyStopping: { isEnabled: true, patience: 2 }, ...stage },
  })
  const progress = { step: 0, best: null, evaluationsSinceBest: 0, latest: {} } as unknown as RunProgress
  for (const value of values) {
    progress.step++
    const context = {
      config,
      progress,
      stage: config.stages[0]!,
      evaluation: { [monitor]: value },
      stopReason: null,
    }
    for await (const event of earlyStopping.run(context as unknown as RunContext)) void event
    if (context.stopReason !== null) break
  }
  return { stoppedAt: progress.step, best: progress.best?.step }
}

it('a metric that should rise is best where it is highest, a loss where it is lowest', async () => {
  expect(await watch('validation/accuracy', [0.5, 0.8, 0.7, 0.6, 0.9])).toEqual({ stoppedAt: 4, best: 2 })
  expect(await watch('validation/loss', [0.5, 0.8, 0.4, 0.6, 0.9, 0.1])).toEqual({ stoppedAt: 5, best: 3 })
})

it('what is hardly better does not count', async () => {
  const earlyStopping = { isEnabled: true, patience: 2, minDelta: 0.05 }
  expect(await watch('validation/accuracy', [0.5, 0.54, 0.549, 0.9], { earlyStopping })).toEqual({
    stoppedAt: 3,
    best: 1,
  })
})

it('numbers that are none are passed over', async () => {
  expect(await watch('validation/accuracy', [NaN, 0.5, NaN, 0.6])).toEqual({ stoppedAt: 4, best: 4 })
})

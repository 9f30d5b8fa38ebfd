import { tasks } from '../../tasks/registry.ts'
import type { Hook, RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'

/** Measures on the held-out part and reports the task's metrics. */
export default {
  name: 'evaluate',
  isDue: ({ progress, stage, isEndOfStage, controls }) =>
    isEndOfStage || progress.stageStep % stage.evaluateEvery === 0 || controls.demands.has('evaluate'),
  async *run(context) {
    const { config, progress, controls } = context
    const loss = yield* validationLoss(context)
    const values = { 'validation/loss': loss, ...tasks.get(config.task).metricsFromLoss(loss) }
    context.evaluation = values
    Object.assign(progress.latest, values)
    yield { type: 'metrics', step: progress.step, values, elapsedMs: progress.elapsedMs }
    controls.demands.delete('evaluate')
  },
} satisfies Hook

/** Mean loss over the same validation batches each time, without dropout; yields its progress. */
export async function* validationLoss({
  session,
  config,
  data,
  stage,
}: Pick<RunContext, 'session' | 'config' | 'data' | 'stage'>): AsyncGenerator<TrainEvent, number> {
  const count = config.evaluation.batches
  const seqLen = Number(config.model['seqLen'])
  let sum = 0
  for (let index = 0; index < count; index++) {
    yield { type: 'phase', phase: { name: 'evaluating', done: index, total: count, unit: 'batches' } }
    sum += await session.evaluate(data.validationBatch({ index, count, batchSize: stage.batchSize, seqLen }))
  }
  return sum / count
}

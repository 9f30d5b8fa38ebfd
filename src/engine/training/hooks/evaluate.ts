import { tasks } from '../../tasks/registry.ts'
import type { Evaluation } from '../trainSession.ts'
import type { Hook, RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'

/** Measures on the held-out part and reports the task's metrics. */
export default {
  name: 'evaluate',
  isDue: ({ progress, stage, isEndOfStage, controls }) =>
    isEndOfStage || progress.stageStep % stage.evaluateEvery === 0 || controls.demands.has('evaluate'),
  async *run(context) {
    const { config, progress, controls } = context
    const { loss, measured } = yield* validate(context)
    const values = { 'validation/loss': loss, ...tasks.get(config.task).metricsFromLoss(measured) }
    context.evaluation = values
    Object.assign(progress.latest, values)
    yield { type: 'metrics', step: progress.step, values, elapsedMs: progress.elapsedMs }
    controls.demands.delete('evaluate')
  },
} satisfies Hook

/** Means over the same validation batches each time, without dropout; yields its progress. */
export async function* validate({
  session,
  config,
  data,
  stage,
}: Pick<RunContext, 'session' | 'config' | 'data' | 'stage'>): AsyncGenerator<TrainEvent, Evaluation> {
  const count = config.evaluation.batches
  const seqLen = Number(config.model['seqLen'])
  const sum: Evaluation = { loss: 0, measured: 0 }
  for (let index = 0; index < count; index++) {
    yield { type: 'phase', phase: { name: 'evaluating', done: index, total: count, unit: 'batches' } }
    const batch = data.validationBatch({ index, count, batchSize: stage.batchSize, seqLen })
    const { loss, measured } = await session.evaluate(batch)
    sum.loss += loss
    sum.measured += measured
  }
  return { loss: sum.loss / count, measured: sum.measured / count }
}

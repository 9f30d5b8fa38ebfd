import type { TaskView } from '../../../core/taskView.ts'
import { tasks } from '../../tasks/registry.ts'
import type { MeasuredBatch } from '../../tasks/defineTask.ts'
import { addEvaluation } from '../notices/history.ts'
import type { Hook, RunContext } from '../runContext.ts'
import { recalledTexts } from '../recalling.ts'
import { writtenTexts } from '../writing.ts'
import type { TrainEvent } from '../types.ts'

/** Measures on the held-out part and reports the task's metrics. */
export default {
  name: 'evaluate',
  isDue: ({ progress, stage, isEndOfStage, controls }) =>
    isEndOfStage || progress.stageStep % stage.evaluateEvery === 0 || controls.demands.has('evaluate'),
  async *run(context) {
    const { progress, controls } = context
    const { values, view } = yield* validate(context)
    context.evaluation = values
    Object.assign(progress.latest, values)
    const { step, elapsedMs } = progress
    addEvaluation(context.history, { step, values, view })
    yield { type: 'metrics', step, values, elapsedMs }
    if (view !== null) yield { type: 'view', step, view }
    controls.demands.delete('evaluate')
  },
} satisfies Hook

/**
 * `validation/loss`, the task's metrics and what it shows of them, over the same validation batches each time, without dropout; yields its progress.
 * A batch counts in the loss as much as it has items that count, of which there are `items` in all.
 */
export async function* validate({
  session,
  config,
  data,
  stage,
}: Pick<RunContext, 'session' | 'config' | 'data' | 'stage'>): AsyncGenerator<
  TrainEvent,
  { values: Record<string, number>; items: number; view: TaskView | null }
> {
  const { batchSize } = stage
  const count = data.validationBatches({ batchSize, most: config.evaluation.batches })
  const task = tasks.get(config.task)
  const batches: MeasuredBatch[] = []
  let sum = 0
  let items = 0
  for (let index = 0; index < count; index++) {
    yield { type: 'phase', phase: { name: 'evaluating', done: index, total: count, unit: 'batches' } }
    const batch = data.validationBatch({ index, count, batchSize })
    const { loss, measured } = await session.evaluate(batch)
    const { validItems = batchSize, places = null } = batch
    sum += loss * validItems
    items += validItems
    const written =
      task.writing === undefined || data.text === null
        ? {}
        : {
            written: await writtenTexts(session, batch, { decode: data.text.decode, isLooking: index === 0 }),
          }
    const recalled =
      task.recalling === undefined || data.text === null || index > 0
        ? {}
        : { recalled: await recalledTexts(session, batch, data.text.decode) }
    batches.push({ arrays: batch.arrays, batchSize, validItems, places, measured, ...written, ...recalled })
  }
  return {
    values: { 'validation/loss': sum / items, ...task.report(batches, data.facts) },
    items,
    view: task.view(batches, data.facts, (place) => data.validationItem(place)),
  }
}

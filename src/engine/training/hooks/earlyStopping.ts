import { improvement } from '../monitored.ts'
import type { Hook } from '../runContext.ts'

/** Watches the monitored metric: notes the best, and ends the stage when it no longer improves. Runs before checkpoints. */
export default {
  name: 'early-stopping',
  isDue: ({ evaluation }) => evaluation !== null,
  async *run(context) {
    const { progress, stage, evaluation, config } = context
    const value = evaluation?.[stage.monitor] ?? progress.latest[stage.monitor]
    if (value === undefined || !Number.isFinite(value)) return
    const { best } = progress
    const { isEnabled, patience, minDelta } = stage.earlyStopping
    const isBest =
      best === null ||
      best.metric !== stage.monitor ||
      improvement(config, stage.monitor, { from: best.value, to: value }) > minDelta
    if (isBest) {
      progress.best = { metric: stage.monitor, value, step: progress.step }
      progress.evaluationsSinceBest = 0
      return
    }
    progress.evaluationsSinceBest++
    if (!isEnabled || progress.evaluationsSinceBest < patience) return
    context.stopReason = `${stage.monitor} has not improved for ${patience} validations`
    yield {
      type: 'notice',
      step: progress.step,
      level: 'info',
      title: 'Stopped early',
      detail: `${stage.monitor} was best at step ${best.step} (${best.value.toPrecision(4)}) and has not improved for ${patience} validations. The best checkpoint is kept.`,
    }
  },
} satisfies Hook

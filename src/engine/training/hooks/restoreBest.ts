import type { StageConfig } from '../../../core/runConfig.ts'
import type { Hook } from '../runContext.ts'

/** Whether a stage ends with the weights of the best validation so far, be it of an earlier stage with the same monitor. */
export function goesBack({ earlyStopping }: StageConfig): boolean {
  return earlyStopping.isEnabled && earlyStopping.restoresBest
}

/** Takes up the best weights where a stage ends with others. Runs before the checkpoint, which keeps them. */
export default {
  name: 'restore-best',
  isDue: ({ stage, progress, isEndOfStage, stopReason }) =>
    goesBack(stage) &&
    (isEndOfStage || stopReason !== null) &&
    // A best by another metric is of a stage with another aim.
    progress.best?.metric === stage.monitor &&
    progress.best.step !== progress.step,
  async *run({ session, host, kept, progress }) {
    const { step, metric, value } = progress.best!
    const best = kept.best?.step === step ? kept.best : await host.loadBest()
    const found = best?.step === step
    if (found) session.importState(best.tensors, 'weights')
    yield {
      type: 'notice',
      step: progress.step,
      level: found ? 'info' : 'warning',
      title: found ? 'Back to the best' : 'The best weights are gone',
      detail: found
        ? `The weights are those of step ${step} again, whose ${metric} was ${value.toPrecision(4)}.`
        : `Those of step ${step} were kept nowhere, so the stage ends with the latest ones.`,
    }
  },
} satisfies Hook

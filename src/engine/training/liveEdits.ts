import type { StageConfig } from '../../core/runConfig.ts'
import { weightAt } from '../losses/balance.ts'
import type { LiveControls, RunProgress } from './runContext.ts'
import type { TrainEvent } from './types.ts'

/** What can be changed by hand while a run goes on: the learning rate, or the weight of a loss of the stage, from 0. */
export type LiveSetting = 'learningRate' | `lossWeight.${number}`

export const lossSetting = (loss: number): LiveSetting => `lossWeight.${loss}`

/** Place of the loss in its stage; null of another setting. */
export function lossOf(setting: string): number | null {
  const found = /^lossWeight\.(\d{1,3})$/.exec(setting)
  return found === null ? null : Number(found[1])
}

/** What was set by hand comes into force with the next update and is remembered with its step. */
export function noteEdits(
  controls: LiveControls,
  progress: RunProgress,
  { losses }: Pick<StageConfig, 'losses'>,
  events: TrainEvent[],
): void {
  const { step } = progress
  const note = (setting: LiveSetting, value: number) => {
    progress.edits.push({ step, setting, value })
    events.push({ type: 'edit', step, setting, value })
  }
  const { learningRate, lossWeights } = controls
  controls.learningRate = null
  if (learningRate !== null) note('learningRate', learningRate)
  lossWeights?.forEach((weight, loss) => {
    if (losses.length > 1 && loss < losses.length) note(lossSetting(loss), weight)
  })
  lossWeights?.clear()
}

/** The latest value that was set by hand in this stage; what was set in an earlier one ended with it. */
function edited({ step: now, stageStep, edits }: RunProgress, setting: LiveSetting): number | undefined {
  return edits.findLast((edit) => edit.setting === setting && edit.step >= now - stageStep)?.value
}

export function baseLearningRate(stage: StageConfig, progress: RunProgress): number {
  return edited(progress, 'learningRate') ?? Number(stage.optimizer['learningRate'])
}

/** How much each loss counts at the next update. */
export function lossWeightsAt({ losses }: Pick<StageConfig, 'losses'>, progress: RunProgress): number[] {
  return losses.map((loss, i) => {
    const weight = edited(progress, lossSetting(i)) ?? loss.weight
    return weightAt({ ...loss, weight }, progress.stageStep)
  })
}

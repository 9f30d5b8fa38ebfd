import type { NamedTensors } from '../../core/hostTensor.ts'
import { models } from '../models/registry.ts'
import { treatmentOf } from '../optim/components.ts'
import { logScaleLimits } from './logScale.ts'
import { readTowers } from './notices/towers.ts'
import { readDeadUnits } from './notices/units.ts'
import type { RunContext } from './runContext.ts'

/** Notes what the tensors of a checkpoint, which are on the host anyway, say of how the run goes. */
export function watchWeights(
  { config, stage, progress, history }: Pick<RunContext, 'config' | 'stage' | 'progress' | 'history'>,
  tensors: NamedTensors,
): void {
  history.logScales = [...logScaleLimits(stage)].flatMap(([name, most]) => {
    const learned = tensors.get(name)
    return learned === undefined ? [] : [{ name, value: Number(learned.data[0]), most }]
  })
  history.deadUnits = readDeadUnits(tensors)
  const { towers } = models.get(config.model.kind)
  const isLearning = (tower: string) =>
    [...tensors.keys()].some(
      (name) =>
        name.startsWith(tower) && !treatmentOf(stage.components, name, progress.stageStep - 1).isFrozen,
    )
  // A frozen tower stands still as it should.
  if (towers.length === 0 || !towers.every(isLearning)) return
  const { step } = progress
  const before = history.weights
  if (before !== null && before.step < step)
    history.towers.push(readTowers(towers, { step, tensors }, before.tensors))
  const ofTowers = [...tensors].filter(([name]) => towers.some((tower) => name.startsWith(tower)))
  history.weights = { step, tensors: new Map(ofTowers) }
}

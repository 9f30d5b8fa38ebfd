import { models } from '../../models/registry.ts'
import type { Hook } from '../runContext.ts'
import { freshTowers, isBalanced, ratesFor } from '../towerBalance.ts'

/**
 * Sets the towers' learning-rate factors by the gradients of the updates since they were last set. Only at whole multiples of
 * steps, when all that was submitted is read: when it is read never changes what is computed.
 */
export default {
  name: 'balance-towers',
  isDue: ({ stage, progress }) =>
    stage.towerBalance.kind !== 'none' && progress.stageStep % stage.towerBalance.every === 0,
  async *run({ config, stage, progress }) {
    const { towers } = models.get(config.model.kind)
    const { sums, count } = progress.towers ?? freshTowers(towers.length)
    if (!isBalanced(stage) || count === 0) return
    const norms = sums.map((sum) => sum / count)
    const rates = ratesFor(stage.towerBalance, norms)
    progress.towers = { ...freshTowers(towers.length), rates }
    const values = towers.flatMap((tower, i): [string, number][] => {
      const name = tower.replace(/\.$/, '')
      return [
        [`${name}/gradNorm`, norms[i]!],
        [`${name}/learningRateFactor`, rates[i]!],
      ]
    })
    Object.assign(progress.latest, Object.fromEntries(values))
    const { step, elapsedMs } = progress
    yield { type: 'metrics', step, values: Object.fromEntries(values), elapsedMs }
  },
} satisfies Hook

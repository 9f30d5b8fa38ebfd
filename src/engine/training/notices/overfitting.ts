import { defineNotice, mean, shown } from './defineNotice.ts'

/** Validations in a row that must be worse than the best. */
const patience = 3
/** How much worse, as a share of the best. */
const leastRise = 0.05

/** The validation loss rises while the training loss goes on falling. */
export default defineNotice({
  id: 'overfitting',
  title: 'It learns the training data by heart',
  look({ readings, evaluations }) {
    const losses = evaluations.map(({ step, values }) => ({ step, loss: values['validation/loss'] ?? NaN }))
    if (losses.length <= patience) return null
    const best = losses.reduce((least, one) => (one.loss < least.loss ? one : least))
    const since = losses.slice(losses.indexOf(best) + 1)
    const limit = best.loss + leastRise * Math.abs(best.loss)
    if (since.length < patience || !since.slice(-patience).every(({ loss }) => loss > limit)) return null
    const around = readings.filter(({ step }) => step <= best.step).slice(-20)
    const now = readings.slice(-20)
    if (around.length === 0 || mean(now.map(({ loss }) => loss)) >= mean(around.map(({ loss }) => loss)))
      return null
    const latest = losses.at(-1)!
    return `The validation loss was lowest at step ${best.step} (${shown(best.loss)}) and is now ${shown(latest.loss)}, while the training loss still falls. Stop early, use more data or augmentation, raise dropout or weight decay, or make the model smaller. The best checkpoint is kept.`
  },
})

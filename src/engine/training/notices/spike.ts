import { median } from '../../../core/median.ts'
import { defineNotice, shown } from './defineNotice.ts'

const window = 50
/** How many typical deviations from the middle a loss must be. */
const far = 12

/** One batch had a loss far above those around it. */
export default defineNotice({
  id: 'spike',
  title: 'One batch stood out',
  look({ readings }) {
    for (let at = window; at < readings.length; at++) {
      const { step, loss } = readings[at]!
      // Cheap, and true of the first of several: medians are taken of few.
      if (loss <= 1.5 * Math.abs(readings[at - 1]!.loss)) continue
      const before = readings.slice(at - window, at).map((reading) => reading.loss)
      const middle = median(before)
      const deviation = median(before.map((value) => Math.abs(value - middle)))
      if (loss <= middle + far * deviation || loss <= 1.5 * Math.abs(middle)) continue
      const detail = `The loss of step ${step} was ${shown(loss)}, those before it about ${shown(middle)}. Look at what the batch holds, which is kept here. If it happens again, lower the learning rate or clip gradients harder.`
      return { detail, sinceStep: step, isOfBatch: true }
    }
    return null
  },
})

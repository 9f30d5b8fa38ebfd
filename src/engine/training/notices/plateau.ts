import { defineNotice, mean, shown } from './defineNotice.ts'

/** Updates in each of the two windows that are compared. */
const window = 200
const leastChange = 0.002

/** The training loss no longer moves, up or down. */
export default defineNotice({
  id: 'plateau',
  title: 'The loss no longer falls',
  look({ readings }) {
    if (readings.length < 2 * window) return null
    const losses = readings.slice(-2 * window).map(({ loss }) => loss)
    const [before, now] = [losses.slice(0, window), losses.slice(window)]
    const [from, to] = [mean(before), mean(now)]
    // What shakes more than it moves may still be falling: the mean of a window is only so sure.
    const spread = Math.sqrt(mean(now.map((loss) => (loss - to) ** 2)) / window)
    if (Math.abs(from - to) > leastChange * Math.abs(from) + 2 * spread) return null
    return `The training loss has stayed at ${shown(to)} for ${2 * window} updates. If that is not good enough, change the learning rate, or use a larger model or other data; else the run may be stopped.`
  },
})

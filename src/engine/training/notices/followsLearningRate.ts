import { defineNotice, mean, shown } from './defineNotice.ts'

const windows = 20
/** Least updates in a window. */
const least = 10
/** Share by which a learning rate must rise or fall from one window to the next to count. */
const leastChange = 0.1

/** The training loss rises whenever the learning rate does, and falls with it. */
export default defineNotice({
  id: 'follows-learning-rate',
  title: 'The loss follows the learning rate',
  look({ readings }) {
    const size = Math.floor(readings.length / windows)
    if (size < least) return null
    const seen = Array.from({ length: windows }, (_, i) => {
      const own = readings.slice(i * size, (i + 1) * size)
      return {
        rate: mean(own.map(({ learningRate }) => learningRate)),
        loss: mean(own.map(({ loss }) => loss)),
      }
    })
    let [rises, falls, agreeing] = [0, 0, 0]
    for (let i = 1; i < windows; i++) {
      const [before, now] = [seen[i - 1]!, seen[i]!]
      const change = now.rate - before.rate
      if (!(Math.abs(change) > leastChange * Math.max(before.rate, now.rate))) continue
      if (change > 0) rises++
      else falls++
      if (change > 0 === now.loss > before.loss) agreeing++
    }
    // A warm-up and one way down say nothing: losses fall anyway.
    if (rises < 3 || falls < 3 || agreeing < 0.9 * (rises + falls)) return null
    const highest = seen.reduce((a, b) => (b.rate > a.rate ? b : a))
    return `In ${agreeing} of ${rises + falls} changes of the learning rate the training loss went the same way: it is too high where it is highest (${shown(highest.rate)}). Lower it, or raise the batch size.`
  },
})

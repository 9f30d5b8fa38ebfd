import { defineNotice, mean, shown } from './defineNotice.ts'

const window = 20
/** Updates before anything is said: a warm-up may shake a model at first. */
const least = 100

/** How many losses there are up to the end of the window with the lowest mean. */
function endOfLowest(losses: readonly number[]): number {
  let best = window
  let sum = losses.slice(0, window).reduce((total, loss) => total + loss, 0)
  let least = sum
  for (let end = window + 1; end <= losses.length; end++) {
    sum += losses[end - 1]! - losses[end - 1 - window]!
    if (sum < least) [best, least] = [end, sum]
  }
  return best
}

/** The training loss is higher than it was at the beginning of the stage. */
export default defineNotice({
  id: 'rising-loss',
  title: 'The loss rises',
  look({ readings, isWhole }) {
    if (readings.length < least || !isWhole) return null
    const [first, last] = [readings.slice(0, window), readings.slice(-window)].map((part) =>
      mean(part.map(({ loss }) => loss)),
    ) as [number, number]
    if (last <= first + 0.05 * Math.abs(first)) return null
    const detail = `The training loss was ${shown(first)} in the first ${window} updates of the stage and is ${shown(last)} in the last ones. Lower the learning rate, lengthen the warm-up, or clip gradients harder.`
    return {
      detail,
      sinceStep: endOfLowest(readings.map(({ loss }) => loss)) + readings[0]!.step,
      isOfBatch: false,
    }
  },
})

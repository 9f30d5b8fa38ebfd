import { defineNotice, shown } from './defineNotice.ts'
import { extremes } from './extremes.ts'

/** So many times larger the gradients of one tower must be, at two checkpoints in a row. */
const far = 10

/** One tower gets nearly all of the gradient. */
export default defineNotice({
  id: 'uneven-gradients',
  title: 'One tower gets most of the gradient',
  look({ towers }) {
    const found = towers.slice(-2).map(({ gradients }) => extremes(gradients))
    const latest = found.at(-1)
    if (found.length < 2 || !latest) return null
    const isLasting = found.every(
      (each) => each?.most.name === latest.most.name && each.most.value > far * each.least.value,
    )
    if (!isLasting) return null
    const { least, most } = latest
    return `Gradients of ${most.name} are ${shown(most.value / least.value)} times those of ${least.name} (root mean square sums ${shown(most.value)} and ${shown(least.value)}). Clipping by the norm then holds back ${least.name}, too: give ${most.name} a lower learning-rate multiplier, warm up for longer, or turn the balance of towers on in the stage.`
  },
})

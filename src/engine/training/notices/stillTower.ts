import { defineNotice, shown } from './defineNotice.ts'
import { extremes } from './extremes.ts'

/** So many times further one tower must have gone than the other. */
const far = 50

/** Of two towers one stays where it is. */
export default defineNotice({
  id: 'still-tower',
  title: 'One tower hardly learns',
  look({ towers }) {
    const latest = towers.at(-1)
    const found = latest && extremes(latest.moved)
    if (!found || found.most.value < far * found.least.value || found.most.value === 0) return null
    const { least, most } = found
    return `Since the checkpoint before, the weights of ${least.name} moved by ${shown(100 * least.value)} %, those of ${most.name} by ${shown(100 * most.value)} %. Look for frozen components or a learning-rate multiplier on ${least.name}, or a path by which the loss does not need it.`
  },
})

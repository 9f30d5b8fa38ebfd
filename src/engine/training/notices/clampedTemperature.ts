import { defaultLargestScale } from '../../losses/parts/temperature.ts'
import { defineNotice } from './defineNotice.ts'

/** A learned temperature lies at the end of its range. */
export default defineNotice({
  id: 'clamped-temperature',
  title: 'The temperature is at its limit',
  look({ logScales }) {
    const found = Object.entries(logScales).find(([, logScale]) => logScale >= Math.log(defaultLargestScale))
    if (found === undefined) return null
    return `The temperature that ${found[0]} learns has come down to 0.01, where it is held: similarities count a hundredfold, and only the hardest negatives matter. Fix it at 0.05 or so, use a larger batch, or look for items that are twice in the data with different partners.`
  },
})

import { defineNotice } from './defineNotice.ts'

/** A learned temperature lies at the end of its range. */
export default defineNotice({
  id: 'clamped-temperature',
  title: 'The temperature is at its limit',
  look({ logScales }) {
    const found = logScales.find(({ value, most }) => value >= most)
    if (found === undefined) return null
    const { name, most } = found
    const times = Number(Math.exp(most).toPrecision(3))
    const temperature = Number(Math.exp(-most).toPrecision(3))
    const loss = name.replace(/^loss\.|\.logScale$/g, '')
    return `The temperature that ${loss} learns has come down to ${temperature}, where it is held: similarities count ${times} times, and only the hardest negatives matter. Fix it at 0.05 or so, use a larger batch, or look for items that are twice in the data with different partners.`
  },
})

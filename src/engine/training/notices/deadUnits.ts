import { defineNotice } from './defineNotice.ts'

const muchOfALayer = 0.25

/** Units that are 0 for every item, as ReLU leaves them after too large a step: they never learn again. */
export default defineNotice({
  id: 'dead-units',
  title: 'Part of a layer no longer learns',
  look({ deadUnits }) {
    const worst = deadUnits.reduce<(typeof deadUnits)[number] | null>(
      (most, each) => (most === null || each.dead / each.units > most.dead / most.units ? each : most),
      null,
    )
    if (worst === null || worst.dead < muchOfALayer * worst.units) return null
    const { layer, dead, units } = worst
    return `No gradient reaches ${dead} of the ${units} units of ${layer}: they are 0 for everything that the model sees. Lower the learning rate or warm up for longer, and start anew; or take an activation that is never flat, such as GELU.`
  },
})

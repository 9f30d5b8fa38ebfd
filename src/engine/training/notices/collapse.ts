import { defineNotice, shown } from './defineNotice.ts'

const least = 1.5

/** All items look nearly the same to the model. */
export default defineNotice({
  id: 'collapse',
  title: 'All items look the same to the model',
  look({ evaluations }) {
    const rank = evaluations.at(-1)?.values['validation/effectiveRank']
    if (rank === undefined || rank >= least) return null
    return `The vectors of the validation spread over ${shown(rank)} directions: they lie on a line, or on one point. Lower the learning rate, use a larger batch or stronger augmentation, a loss with negatives or a term that keeps features apart (VICReg, Barlow Twins), or a teacher with averaged weights.`
  },
})

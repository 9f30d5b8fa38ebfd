import { defineSchedule } from './defineSchedule.ts'
import { progressAfterWarmup, warmupFactor, warmupFields } from './warmup.ts'

/** rate * (1 + cos(pi * frac(cycles * p))) / 2, p the progress after the warm-up; 0 once p reaches 1. */
export default defineSchedule({
  id: 'cosine-hard-restarts',
  title: 'Cosine with restarts',
  summary: 'Several half waves, each jumping back to the full rate, to leave a valley and find a better one.',
  link: 'https://arxiv.org/abs/1608.03983',
  fields: {
    ...warmupFields,
    cycles: {
      type: 'int',
      label: 'Cycles',
      help: 'How often it falls to zero.',
      default: 3,
      min: 1,
      max: 10000,
    },
  },
  learningRateAt(params, { step, totalSteps, learningRate }) {
    const warming = warmupFactor(step, params)
    if (warming !== null) return learningRate * warming
    const progress = progressAfterWarmup(step, params.warmupSteps, totalSteps)
    if (progress >= 1) return 0
    return (learningRate * (1 + Math.cos(Math.PI * ((params.cycles * progress) % 1)))) / 2
  },
})

import { defineSchedule } from './defineSchedule.ts'
import { progressOf } from './warmup.ts'

/** rate * (1 + cos(pi * frac(cycles * p))) / 2, p the progress after the warm-up; 0 once p reaches 1. */
export default defineSchedule({
  id: 'cosine-hard-restarts',
  title: 'Cosine with restarts',
  summary: 'Several half waves, each jumping back to the full rate, to leave a valley and find a better one.',
  link: 'https://arxiv.org/abs/1608.03983',
  warmupSteps: 100,
  fields: {
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
    const progress = progressOf({ step, totalSteps })
    if (progress >= 1) return 0
    return (learningRate * (1 + Math.cos(Math.PI * ((params.cycles * progress) % 1)))) / 2
  },
})

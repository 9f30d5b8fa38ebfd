import { defineSchedule } from './defineSchedule.ts'
import { finalFraction } from './finalFraction.ts'

/** Where a step stands in cycles of which each is `growth` times as long as the one before. */
function cycleAt(step: number, cycleSteps: number, growth: number): { within: number; length: number } {
  let within = step
  let length = cycleSteps
  if (growth === 1) return { within: step % length, length }
  while (within >= length) {
    within -= length
    length *= growth
  }
  return { within, length }
}

/** SGDR: rate * (f + (1 - f) * (1 + cos(pi * t / T)) / 2), t the updates since the last restart, T its cycle. */
export default defineSchedule({
  id: 'cosine-warm-restarts',
  title: 'Cosine, growing cycles',
  summary: 'Half waves that restart at the full rate and take longer every time (SGDR).',
  link: 'https://arxiv.org/abs/1608.03983',
  warmupSteps: 0,
  fields: {
    cycleSteps: {
      type: 'int',
      label: 'First cycle',
      help: 'Updates until the first restart.',
      default: 250,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
    growth: {
      type: 'int',
      label: 'Growth',
      help: 'Each cycle is this many times as long as the one before.',
      default: 2,
      min: 1,
      max: 100,
    },
    finalFraction,
  },
  learningRateAt(params, { step, learningRate }) {
    const { within, length } = cycleAt(step, params.cycleSteps, params.growth)
    const height = (1 + Math.cos((Math.PI * within) / length)) / 2
    return learningRate * (params.finalFraction + (1 - params.finalFraction) * height)
  },
})

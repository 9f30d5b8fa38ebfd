import { defineSchedule } from './defineSchedule.ts'

/** rate * gamma^floor(k / stepSize) */
export default defineSchedule({
  id: 'step',
  title: 'Steps down',
  summary: 'Stays, and is multiplied by a factor every so many updates.',
  warmupSteps: 0,
  fields: {
    stepSize: {
      type: 'int',
      label: 'Every',
      help: 'Updates between two steps down.',
      default: 500,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
    gamma: {
      type: 'number',
      label: 'Factor',
      help: 'What is left at each step down.',
      default: 0.5,
      min: 0,
      max: 1,
    },
  },
  learningRateAt: (params, { step, learningRate }) =>
    learningRate * params.gamma ** Math.floor(step / params.stepSize),
})

import { defineSchedule } from './defineSchedule.ts'

/** rate * gamma^(number of milestones that are <= k) */
export default defineSchedule({
  id: 'multi-step',
  title: 'Milestones',
  summary: 'Stays, and is multiplied by a factor at chosen updates.',
  warmupSteps: 0,
  fields: {
    milestones: {
      type: 'list',
      label: 'Milestones',
      help: 'Updates at which the rate drops; one that is named twice drops it twice.',
      minItems: 0,
      maxItems: 64,
      defaultItems: 1,
      item: {
        type: 'int',
        label: 'Update',
        help: 'Counted from 0 at the end of the warm-up.',
        default: 1000,
        min: 0,
        max: 100000000,
        unit: 'steps',
      },
    },
    gamma: {
      type: 'number',
      label: 'Factor',
      help: 'What is left at each milestone.',
      default: 0.1,
      min: 0,
      max: 1,
    },
  },
  learningRateAt: (params, { step, learningRate }) =>
    learningRate * params.gamma ** params.milestones.filter((milestone) => milestone <= step).length,
})

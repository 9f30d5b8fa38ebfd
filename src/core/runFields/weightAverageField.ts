import type { Field } from '../schema.ts'

/** An exponential moving average of the weights of a stage. */
export const weightAverageField = {
  type: 'group',
  label: 'Averaged weights',
  help: 'An exponential moving average (EMA) of the weights, kept beside them and in checkpoints; it often does better than the last ones.',
  isAdvanced: true,
  fields: {
    isEnabled: {
      type: 'bool',
      label: 'Average weights',
      help: 'Takes the memory of the weights once more.',
      default: false,
      link: 'https://arxiv.org/abs/1803.05407',
    },
    decay: {
      type: 'number',
      label: 'Decay',
      help: 'How much of the average stays at an update: 0.999 looks back over about 1000.',
      default: 0.999,
      min: 0,
      max: 0.999999,
      step: 0.001,
    },
    isEvaluated: {
      type: 'bool',
      label: 'Validate the average',
      help: 'Validation and samples use the averaged weights instead of the last ones.',
      default: true,
    },
  },
} as const satisfies Field

import type { Field } from '../schema.ts'

const sharedFields = {
  every: {
    type: 'int',
    label: 'Every',
    help: 'Updates whose gradients are averaged before factors are set anew. The device is waited for then, so not too often.',
    default: 50,
    min: 1,
    max: 1000000,
    unit: 'steps',
    scale: 'log',
  },
  floor: {
    type: 'number',
    label: 'Smallest factor',
    help: 'No tower learns more slowly than at this share of the learning rate.',
    default: 0.1,
    min: 0,
    max: 1,
    step: 0.05,
  },
} as const

/** Holds back the tower that learns too fast. */
export const towerBalanceField = {
  type: 'variant',
  tag: 'kind',
  label: 'Balance of towers',
  help: 'Of a model with two towers, slows the one whose gradients are longer: its learning rate gets a factor below 1. The other’s stays.',
  tasks: ['image-text', 'image-text-matching', 'image-text-classification', 'translation'],
  default: 'none',
  isAdvanced: true,
  options: [
    { value: 'none', label: 'None', help: 'Both learn at the rate of the schedule.', fields: {} },
    {
      value: 'gradient-ratio',
      label: 'Ratio of gradients',
      help: 'The factor is (shortest gradient / own gradient) to a power: with power 1, plain SGD moves both alike.',
      fields: {
        strength: {
          type: 'number',
          label: 'Power',
          help: 'How much of the difference is taken away; 0 for nothing. Adam evens out lengths by itself: take less.',
          default: 0.5,
          min: 0,
          max: 2,
          step: 0.1,
        },
        ...sharedFields,
      },
    },
    {
      value: 'gradient-modulation',
      label: 'Gradient modulation (OGM)',
      help: 'The factor is 1 − tanh(alpha × ratio) where the own gradient is the longer one: on-the-fly gradient modulation, with gradients in place of scores.',
      link: 'https://arxiv.org/abs/2203.15332',
      fields: {
        strength: {
          type: 'number',
          label: 'Alpha',
          help: 'How strongly the faster tower is held back.',
          default: 0.3,
          min: 0,
          max: 2,
          step: 0.1,
        },
        ...sharedFields,
      },
    },
  ],
} as const satisfies Field

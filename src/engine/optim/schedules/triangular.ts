import { defineSchedule } from './defineSchedule.ts'

/** Cyclical learning rates (Smith 2015): up and down in lines between lowFraction * rate and rate. */
export default defineSchedule({
  id: 'triangular',
  title: 'Triangles',
  summary: 'Up and down between two rates, over and over.',
  link: 'https://arxiv.org/abs/1506.01186',
  warmupSteps: 0,
  fields: {
    lowFraction: {
      type: 'number',
      label: 'Low',
      help: 'Fraction of the rate at the low end.',
      default: 0.1,
      min: 0,
      max: 1,
    },
    riseSteps: {
      type: 'int',
      label: 'Up',
      help: 'Updates on the way up.',
      default: 250,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
    fallSteps: {
      type: 'int',
      label: 'Down',
      help: 'Updates on the way down.',
      default: 250,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
    amplitude: {
      type: 'choice',
      label: 'Amplitude',
      help: 'Whether the peaks stay as high.',
      default: 'constant',
      options: [
        { value: 'constant', label: 'Constant' },
        { value: 'halving', label: 'Halved every cycle' },
        { value: 'exponential', label: 'Times the factor every update' },
      ],
    },
    gamma: {
      type: 'number',
      label: 'Factor',
      help: 'For the exponential amplitude.',
      default: 0.999,
      min: 0,
      max: 1,
      isAdvanced: true,
    },
  },
  beginsAt: ({ lowFraction }) => lowFraction,
  learningRateAt(params, { step, learningRate }) {
    const cycleSteps = params.riseSteps + params.fallSteps
    const within = step % cycleSteps
    const height =
      within <= params.riseSteps ? within / params.riseSteps : (cycleSteps - within) / params.fallSteps
    const scale = {
      constant: 1,
      halving: 2 ** -Math.floor(step / cycleSteps),
      exponential: params.gamma ** step,
    }[params.amplitude]
    return learningRate * (params.lowFraction + (1 - params.lowFraction) * height * scale)
  },
})

import { defineSchedule } from './defineSchedule.ts'
import { finalFraction } from './finalFraction.ts'

/** Full rate until `decaySteps` before the end, then down to f * rate along a line or half a cosine wave. */
export default defineSchedule({
  id: 'warmup-stable-decay',
  title: 'Warm-up, stable, decay',
  summary:
    'Stays at the full rate and falls only at the end, so that a run can be lengthened before its decay.',
  link: 'https://arxiv.org/abs/2404.06395',
  warmupSteps: 100,
  fields: {
    decaySteps: {
      type: 'int',
      label: 'Decay',
      help: 'Updates over which it falls at the end of the stage.',
      default: 200,
      min: 0,
      max: 100000000,
      unit: 'steps',
    },
    shape: {
      type: 'choice',
      label: 'Shape',
      help: 'How it falls.',
      default: 'linear',
      options: [
        { value: 'linear', label: 'Linear' },
        { value: 'cosine', label: 'Cosine' },
      ],
    },
    finalFraction,
  },
  learningRateAt(params, { step, totalSteps, learningRate }) {
    const decayed = step - (totalSteps - params.decaySteps)
    if (decayed < 0) return learningRate
    const progress = params.decaySteps === 0 ? 1 : Math.min(1, decayed / params.decaySteps)
    const height = params.shape === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2
    return learningRate * (params.finalFraction + (1 - params.finalFraction) * height)
  },
})

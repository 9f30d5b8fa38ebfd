import { defineSchedule } from './defineSchedule.ts'
import { finalFraction } from './finalFraction.ts'
import { conventionField, progressOf } from './warmup.ts'

/**
 * rate * (f + (1 - f) * (1 + cos(2 pi * waves * p)) / 2), p the progress after the warm-up, f the final fraction.
 * nanoGPT's convention stays at f * rate past the end; Hugging Face's follows the wave on.
 */
export default defineSchedule({
  id: 'cosine',
  title: 'Cosine',
  summary: 'Rises over the warm-up, then falls along half a cosine wave: slowly, fast, slowly.',
  link: 'https://arxiv.org/abs/1608.03983',
  warmupSteps: 100,
  fields: {
    convention: conventionField,
    finalFraction,
    waves: {
      type: 'number',
      label: 'Waves',
      help: 'Cosine waves until the end; one half falls once.',
      default: 0.5,
      min: 0,
      max: 1000,
      isAdvanced: true,
    },
  },
  learningRateAt(params, { step, totalSteps, learningRate }) {
    const rest = params.finalFraction
    if (params.convention === 'nanogpt' && step > totalSteps) return learningRate * rest
    const progress = progressOf({ step, totalSteps })
    const height = Math.max(0, (1 + Math.cos(2 * Math.PI * params.waves * progress)) / 2)
    return learningRate * (rest + (1 - rest) * height)
  },
})

import { concat2d } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * NT-Xent whose negatives weigh e^(β·s), on average 1 (hard negatives, Robinson et al. 2021), and of whose sum the share τ⁺
 * that are positives unbeknown is taken off, down to what cosines of -1 would add (debiased, Chuang et al. 2020):
 * each of 2B rows has its other view and N = 2B - 2 negatives. With β = 0 it is the debiased loss alone, with τ⁺ = 0 the hard
 * one, with both NT-Xent. a, b [B, D], B from 2; ids are not looked at.
 */
export default defineLoss({
  id: 'debiased-contrastive',
  title: 'Debiased and hard contrastive',
  summary: 'NT-Xent that looks at hard negatives more, and allows for those that are positives in truth.',
  formula:
    '−log( e^{s_p} / (e^{s_p} + max(G, N·e^{−1/τ})) ), G = (Σ_n w_n e^{s_n} − N·τ⁺·e^{s_p}) / (1 − τ⁺), w_n ∝ e^{β·s_n}',
  use: 'Two augmented views of data with few classes, where many negatives are of the same one.',
  link: 'https://arxiv.org/abs/2010.04592',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    temperature: { ...temperatureFields.temperature, default: 0.5 },
    hardness: {
      type: 'number',
      label: 'Hardness (β)',
      help: 'How much more negatives count that are alike; 0: all the same.',
      default: 1,
      min: 0,
      max: 100,
    },
    positivePrior: {
      type: 'number',
      label: 'Prior (τ⁺)',
      help: 'The share of negatives that are of the same class unbeknown: 1 / number of classes where they are even.',
      default: 0.1,
      min: 0,
      max: 0.99,
      step: 0.01,
    },
  },
  scalars: temperatureScalars,
  compute(params, { a, b }, memory) {
    const z = l2Normalize(concat2d([a, b], 0))
    const loss = similarityLoss(z, z, {
      ...oneToOne,
      ids: a.shape[0],
      excludesSelf: true,
      denominator: 'own',
      hardness: params.hardness,
      positivePrior: params.positivePrior,
      scale: scaleOf(params, memory),
    })
    return { loss, parts: {} }
  },
})

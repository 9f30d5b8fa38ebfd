import { add, concat2d, type Scalar } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { pairIds } from './parts/pairIds.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * NT-Xent whose negatives weigh e^(β·s), on average 1 (hard negatives, Robinson et al. 2021), and of whose sum the share τ⁺
 * that are positives unbeknown is taken off, down to what cosines of -1 would add (debiased, Chuang et al. 2020): each of
 * 2B rows has its other view and N = 2B - 2 negatives. Or between the sides, seen from both: rows with the same id are
 * positives of each other, each against the negatives alone. With β = 0 it is the debiased loss alone, with τ⁺ = 0 the hard
 * one, with both NT-Xent. a, b [B, D]; among all rows ids are not looked at.
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
    compares: {
      type: 'choice',
      label: 'Compares',
      help: 'Where negatives are looked for.',
      default: 'views',
      options: [
        {
          value: 'views',
          label: 'All rows',
          help: 'Both sides as one batch, as published: views of one kind.',
        },
        {
          value: 'sides',
          label: 'The sides',
          help: 'Rows of one side with those of the other: two modalities.',
        },
      ],
    },
  },
  scalars: temperatureScalars,
  compute(params, pairs, memory) {
    const { hardness, positivePrior } = params
    const scale = scaleOf(params, memory)
    const options = { ...oneToOne, denominator: 'own', hardness, positivePrior, scale } as const
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    if (params.compares === 'sides') {
      const oneWay = { ...options, ids: pairIds(pairs), weight: 0.5 }
      const loss = add(similarityLoss(a, b, oneWay), similarityLoss(b, a, oneWay)) as Scalar
      return { loss, parts: {} }
    }
    const z = concat2d([a, b], 0)
    return { loss: similarityLoss(z, z, { ...options, ids: a.shape[0], excludesSelf: true }), parts: {} }
  },
})

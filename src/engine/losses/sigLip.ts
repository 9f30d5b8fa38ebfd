import { oneToOne } from '../kernels/similarity/similarityLoss.ts'
import { sigmoidSimilarityLoss } from '../kernels/similarity/sigmoidSimilarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { similarityParts } from './parts/alignment.ts'
import { pairIds } from './parts/pairIds.ts'
import { direction, directionFields } from './parts/symmetricContrast.ts'
import { temperaturePart } from './parts/temperature.ts'

/**
 * Pairwise sigmoid loss (Zhai et al. 2023): l = scale · cos(a, b) + bias, the sum over all pairs of -log σ(±l) by whether
 * they belong together, divided by B. Scale and bias are learned. a, b [B, D].
 */
export default defineLoss({
  id: 'siglip',
  title: 'SigLIP',
  summary: 'Asks of every two rows whether they belong together, each question for itself.',
  formula: '1/B Σ_ij −log σ(y_ij·(t·cos(a_i, b_j) + c)), y = ±1, t and c learned',
  use: 'Dual encoders with small or very large batches.',
  link: 'https://arxiv.org/abs/2303.15343',
  accepts: 'pairs',
  fields: {
    scale: {
      type: 'number',
      label: 'Scale',
      help: 'Factor of similarities where learning begins.',
      default: 10,
      min: 0.01,
      max: 1000,
      scale: 'log',
    },
    bias: {
      type: 'number',
      label: 'Bias',
      help: 'Where learning begins; far below zero, since most pairs do not belong together.',
      default: -10,
      min: -1000,
      max: 1000,
    },
    ...directionFields,
  },
  scalars: ({ scale, bias }) => ({ logScale: Math.log(scale), bias }),
  compute(params, pairs, { scalars }) {
    const [a, b] = [direction(pairs.a, params), direction(pairs.b, params)]
    const scale = scalars['logScale']!
    const loss = sigmoidSimilarityLoss(a, b, {
      ...oneToOne,
      ids: pairIds(pairs),
      scale,
      bias: scalars['bias']!,
    })
    return { loss, parts: { ...similarityParts(a, b), ...temperaturePart(scale) } }
  },
})

import { concat1d, concat2d, div, mul, softmax, sub, sum, type Tensor1D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityContrast } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import type { Pairs } from './lossInputs.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Decoupled contrastive loss (Yeh et al. 2022): NT-Xent without the positive in the denominator, so that easy pairs keep
 * their gradient. Weighted (DCLW), the positive of pair i counts 2 - B·softmax_i(cos(a_i, b_i) / sigma), without a gradient
 * through it: pairs that are apart count more. a, b [B, D], B from 2; ids are not looked at.
 */
export default defineLoss({
  id: 'decoupled-contrastive',
  title: 'Decoupled contrastive',
  summary: 'NT-Xent whose positives do not weaken each other’s gradients.',
  formula: 'mean over 2B rows of −w_i·s_ip + log Σ_{j≠i,p} e^{s_ij}, s = cos / τ',
  use: 'Two augmented views in small batches.',
  link: 'https://arxiv.org/abs/2110.06848',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    temperature: { ...temperatureFields.temperature, default: 0.1 },
    isWeighted: {
      type: 'bool',
      label: 'Weigh positives',
      help: 'Pairs whose sides are further apart than others’ count more (DCLW).',
      default: false,
    },
    sigma: {
      type: 'number',
      label: 'Sigma',
      help: 'How wide the weights of positives are, where they are weighed.',
      default: 0.5,
      min: 0.01,
      max: 100,
      scale: 'log',
    },
  },
  scalars: temperatureScalars,
  canBeNegative: () => true,
  compute(params, pairs, memory) {
    const z = l2Normalize(concat2d([pairs.a, pairs.b], 0))
    const weights = params.isWeighted ? weightsOf(pairs, params.sigma) : null
    const { loss, accuracy } = similarityContrast(z, z, {
      ...oneToOne,
      ids: pairs.a.shape[0],
      excludesSelf: true,
      denominator: 'none',
      scale: scaleOf(params, memory),
      positiveWeights: weights && concat1d([weights, weights]),
    })
    return { loss, parts: { accuracy } }
  },
})

function weightsOf({ a, b }: Pairs, sigma: number): Tensor1D {
  const alike = sum(mul(l2Normalize(a), l2Normalize(b)), 1)
  return sub(2, mul(softmax(div(alike, sigma)), a.shape[0]))
}

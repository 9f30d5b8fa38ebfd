import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityContrast } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { similarityParts } from './parts/alignment.ts'
import { pairIds } from './parts/pairIds.ts'
import { scaleOf, temperatureFields, temperaturePart, temperatureScalars } from './parts/temperature.ts'

/**
 * InfoNCE (van den Oord et al. 2018) from a to b only: mean over rows of -log softmax(cos(a_i, b) / temperature)[i].
 * a, b [B, D].
 */
export default defineLoss({
  id: 'info-nce',
  title: 'InfoNCE',
  summary: 'Picks each row’s partner out of the batch, in one direction.',
  formula: 'mean of −log( e^{s_ii} / Σ_j e^{s_ij} ), s = cos(a, b) / τ',
  use: 'Queries and their keys, where only queries choose.',
  link: 'https://arxiv.org/abs/1807.03748',
  accepts: 'pairs',
  fields: temperatureFields,
  scalars: temperatureScalars,
  compute(params, pairs, memory) {
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const scale = scaleOf(params, memory)
    const { loss, accuracy } = similarityContrast(a, b, { ...oneToOne, ids: pairIds(pairs), scale })
    return { loss, parts: { accuracy, ...similarityParts(a, b), ...temperaturePart(scale) } }
  },
})

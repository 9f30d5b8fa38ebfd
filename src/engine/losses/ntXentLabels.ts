import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * NT-Xent over all pairs of a labelled batch (Musgrave et al. 2020): for each ordered pair of the same label, against the
 * anchor's negatives only; other positives do not count against it. embeddings [N, D], labels int32 [N].
 */
export default defineLoss({
  id: 'nt-xent-labels',
  title: 'NT-Xent over labels',
  summary: 'Holds every pair of one class against the rows of other classes.',
  formula: 'mean over pairs (a, p) of −log( e^{s_ap} / (e^{s_ap} + Σ_n e^{s_an}) ), s = cos / τ',
  use: 'Metric learning with labels.',
  link: 'https://arxiv.org/abs/2008.09164',
  accepts: 'labelled',
  fields: temperatureFields,
  scalars: temperatureScalars,
  compute(params, { embeddings, labels }, memory) {
    const z = l2Normalize(embeddings)
    const loss = similarityLoss(z, z, {
      ...oneToOne,
      ids: { rows: labels, columns: labels },
      excludesSelf: true,
      denominator: 'own',
      mean: 'pairs',
      scale: scaleOf(params, memory),
    })
    return { loss, parts: {} }
  },
})

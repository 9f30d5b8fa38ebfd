import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { labelSets } from './parts/labelSets.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Supervised contrastive loss, L_out (Khosla et al. 2020), of rows with several labels: those that share one or more are
 * positives of each other, all the same. For each anchor the mean over its positives of -log softmax over all other rows;
 * the mean over anchors that have a positive. embeddings [N, D], labels [N, L].
 */
export default defineLoss({
  id: 'multi-label-contrastive',
  title: 'Multi-label contrastive',
  summary: 'Draws rows together that share a label.',
  formula:
    'mean over anchors of −1/|P| Σ_{p∈P} log( e^{s_ip} / Σ_{j≠i} e^{s_ij} ), P shares a label with i, s = cos / τ',
  use: 'Embeddings of data with tags.',
  link: 'https://arxiv.org/abs/2004.11362',
  accepts: 'multiLabelled',
  fields: { ...temperatureFields, temperature: { ...temperatureFields.temperature, default: 0.1 } },
  scalars: temperatureScalars,
  compute(params, { embeddings, labels }, memory) {
    const z = l2Normalize(embeddings)
    const sets = labelSets(labels)
    const loss = similarityLoss(z, z, {
      ...oneToOne,
      ids: { rows: sets, columns: sets },
      excludesSelf: true,
      scale: scaleOf(params, memory),
    })
    return { loss, parts: {} }
  },
})

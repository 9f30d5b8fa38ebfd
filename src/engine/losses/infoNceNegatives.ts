import { concat2d } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * InfoNCE with negatives of its own (van den Oord et al. 2018): each query has its key and the shared negatives to choose
 * from, and not the keys of other queries. query, key [B, D], negatives [K, D].
 */
export default defineLoss({
  id: 'info-nce-negatives',
  title: 'InfoNCE with given negatives',
  summary: 'Picks each query’s key out of negatives that come with the data.',
  formula: 'mean of −log( e^{q·k/τ} / (e^{q·k/τ} + Σ_n e^{q·n/τ}) ), all normalised',
  use: 'Retrieval with mined negatives.',
  link: 'https://arxiv.org/abs/1807.03748',
  accepts: 'queries',
  fields: temperatureFields,
  scalars: temperatureScalars,
  compute(params, { query, key, negatives }, memory) {
    const columns = concat2d([l2Normalize(key), l2Normalize(negatives)], 0)
    const loss = similarityLoss(l2Normalize(query), columns, {
      ...oneToOne,
      scale: scaleOf(params, memory),
      extraNegatives: negatives.shape[0],
      hasBatchNegatives: false,
    })
    return { loss, parts: {} }
  },
})

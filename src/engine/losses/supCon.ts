import { cast, div, max, mul, notEqual, slice, type Scalar } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { reducerFields } from './parts/reducers.ts'
import { shareWithLoss } from './parts/shareWithLoss.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Supervised contrastive loss, L_out (Khosla et al. 2020): for each anchor the mean over its positives of -log softmax over
 * all other rows; the mean over anchors that have a positive, or over those whose loss is above 0. embeddings [N, D], labels int32 [N].
 */
export default defineLoss({
  id: 'supervised-contrastive',
  title: 'Supervised contrastive',
  summary: 'Draws rows of one class together, all of them at once.',
  formula: 'mean over anchors of −1/|P| Σ_{p∈P} log( e^{s_ip} / Σ_{j≠i} e^{s_ij} ), s = cos / τ',
  use: 'Embeddings of labelled data; several views of one image with the same label.',
  link: 'https://arxiv.org/abs/2004.11362',
  accepts: 'labelled',
  fields: {
    ...temperatureFields,
    temperature: { ...temperatureFields.temperature, default: 0.1 },
    needsNegatives: {
      type: 'bool',
      label: 'Needs negatives',
      help: 'A batch of one class alone counts nothing, instead of spreading its rows evenly.',
      default: false,
      isAdvanced: true,
    },
    reducer: { ...reducerFields.reducer, isAdvanced: true },
  },
  scalars: temperatureScalars,
  compute(params, { embeddings, labels }, memory) {
    const z = l2Normalize(embeddings)
    const ids = { rows: labels, columns: labels }
    const options = { ...oneToOne, ids, excludesSelf: true, scale: scaleOf(params, memory) }
    const overAll = similarityLoss(z, z, options)
    const isOfSome = params.reducer === 'avg-nonzero'
    const loss: Scalar = isOfSome ? div(overAll, shareWithLoss(z, labels, options.scale)) : overAll
    if (!params.needsNegatives) return { loss, parts: {} }
    const hasNegatives = max(cast(notEqual(labels, slice(labels, 0, 1)), 'float32')) as Scalar
    return { loss: mul(loss, hasNegatives) as Scalar, parts: {} }
  },
})

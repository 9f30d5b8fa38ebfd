import { addN, concat1d, concat2d, mul, type Scalar } from '../backend/tfjs.ts'
import clip from './clip.ts'
import { defineLoss } from './defineLoss.ts'
import ntXent from './ntXent.ts'
import { temperatureFields, temperatureScalars } from './parts/temperature.ts'
import supCon from './supCon.ts'

const weight = { type: 'number', min: 0, max: 1000 } as const

/**
 * Weighted sum of the symmetric InfoNCE of both sides (Radford et al. 2021; rows with the same id are positives of each
 * other), of NT-Xent over all 2B rows (Chen et al. 2020), and of the supervised contrastive loss of those by their labels
 * (Khosla et al. 2020, L_out), at one temperature. a, b [B, D], labels int32 [B]. Parts are the three, unweighted.
 */
export default defineLoss({
  id: 'mixed-multimodal',
  title: 'Mixed multimodal',
  summary: 'Pairs, all rows of both sides, and classes: three contrastive losses in one.',
  formula: 'w₁·CLIP(a, b) + w₂·NT-Xent([a; b]) + w₃·SupCon([a; b], labels)',
  use: 'Two modalities whose items have classes, too.',
  link: 'https://arxiv.org/abs/2004.11362',
  accepts: 'labelledPairs',
  fields: {
    ...temperatureFields,
    pairWeight: {
      ...weight,
      label: 'Weight of pairs',
      help: 'Of the symmetric InfoNCE between the sides.',
      default: 0.4,
    },
    viewWeight: {
      ...weight,
      label: 'Weight of views',
      help: 'Of NT-Xent, which pushes rows of one side apart, too.',
      default: 0.3,
    },
    labelWeight: {
      ...weight,
      label: 'Weight of classes',
      help: 'Of the supervised contrastive loss.',
      default: 0.3,
    },
  },
  scalars: temperatureScalars,
  compute(params, { a, b, ids, labels }, memory) {
    const { temperature, isTemperatureLearned } = params
    const shared = { temperature, isTemperatureLearned }
    const pairs = { a, b, ids }
    const labelled = { embeddings: concat2d([a, b], 0), labels: concat1d([labels, labels]) }
    const parts = {
      pairs: clip.compute({ ...shared, isNormalized: true, labelSmoothing: 0 }, { pairs }, memory).loss,
      views: ntXent.compute(shared, { pairs }, memory).loss,
      classes: supCon.compute({ ...shared, needsNegatives: false }, { labelled }, memory).loss,
    }
    const terms = [
      mul(parts.pairs, params.pairWeight),
      mul(parts.views, params.viewWeight),
      mul(parts.classes, params.labelWeight),
    ]
    return { loss: addN(terms) as Scalar, parts }
  },
})

import { add, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { smoothingTerm } from './parts/labelSmoothing.ts'
import { contrastFields, direction, symmetricContrast } from './parts/symmetricContrast.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Symmetric contrastive loss (Radford et al. 2021): s = normalised a · bᵀ / temperature; the mean of InfoNCE of rows over
 * columns and of columns over rows. Rows with the same id are positives of each other: the mean over them (Khosla et al.
 * 2020, L_out). With label smoothing e the targets are (1 - e) of that and e over all columns, as in torch's cross-entropy.
 * a, b [B, D].
 */
export default defineLoss({
  id: 'clip',
  title: 'CLIP',
  summary: 'Pulls the two sides of a pair together and pushes other pairs apart, seen from both sides.',
  formula: '½·(InfoNCE(a → b) + InfoNCE(b → a)), s = cos(a, b) / τ',
  use: 'Dual encoders of two modalities, such as images and texts.',
  link: 'https://arxiv.org/abs/2103.00020',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    ...contrastFields,
    labelSmoothing: {
      type: 'number',
      label: 'Label smoothing',
      help: 'Share of each target that is spread over all pairs of the batch, where some are alike by chance.',
      default: 0,
      min: 0,
      max: 0.9,
      step: 0.05,
      isAdvanced: true,
    },
  },
  scalars: temperatureScalars,
  compute(params, pairs, memory) {
    const contrast = symmetricContrast(params, pairs, memory)
    const { labelSmoothing: smoothing } = params
    if (!(smoothing > 0)) return contrast
    const compared = { ...pairs, a: direction(pairs.a, params), b: direction(pairs.b, params) }
    const loss = add(
      contrast.loss,
      smoothingTerm(compared, { smoothing, scale: scaleOf(params, memory) }),
    ) as Scalar
    return { ...contrast, loss }
  },
})

import { defineLoss } from './defineLoss.ts'
import { contrastFields, symmetricContrast } from './parts/symmetricContrast.ts'
import { temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Symmetric contrastive loss (Radford et al. 2021): s = normalised a · bᵀ / temperature; the mean of InfoNCE of rows over
 * columns and of columns over rows. Rows with the same id are positives of each other: the mean over them (Khosla et al.
 * 2020, L_out). a, b [B, D].
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
  },
  scalars: temperatureScalars,
  compute: (params, pairs, memory) => ({ loss: symmetricContrast(params, pairs, memory), parts: {} }),
})

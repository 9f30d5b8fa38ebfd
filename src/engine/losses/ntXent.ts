import { concat2d, slice } from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityContrast } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import { similarityParts } from './parts/alignment.ts'
import { scaleOf, temperatureFields, temperaturePart, temperatureScalars } from './parts/temperature.ts'

/**
 * NT-Xent (Chen et al. 2020): both views as one batch of 2B rows, each of which picks its other view out of all the
 * others. a, b [B, D]; ids are not looked at.
 */
export default defineLoss({
  id: 'nt-xent',
  title: 'NT-Xent',
  summary: 'Finds the other view of an image among all views of the batch.',
  formula: 'mean over 2B rows of −log( e^{s_ip} / Σ_{j≠i} e^{s_ij} ), s = cos / τ, p the other view',
  use: 'Self-supervised learning from two augmented views (SimCLR).',
  link: 'https://arxiv.org/abs/2002.05709',
  accepts: 'pairs',
  fields: { ...temperatureFields, temperature: { ...temperatureFields.temperature, default: 0.5 } },
  scalars: temperatureScalars,
  compute(params, { a, b }, memory) {
    const z = l2Normalize(concat2d([a, b], 0))
    const scale = scaleOf(params, memory)
    const options = { ...oneToOne, ids: a.shape[0], excludesSelf: true, scale }
    const [first, second] = [0, a.shape[0]].map((from) => offTape(() => slice(z, [from, 0], a.shape)))
    const { loss, accuracy } = similarityContrast(z, z, options)
    return { loss, parts: { accuracy, ...similarityParts(first!, second!), ...temperaturePart(scale) } }
  },
})

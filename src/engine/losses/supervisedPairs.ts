import { add, cast, div, mul, sum, type Scalar, type Tensor1D, type Tensor2D } from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { alikeThreshold, sidePairs, withAlike, withoutSelf } from './parts/labelPairs.ts'
import {
  contrastReducerFields,
  maskedContrast,
  meanOfPositives,
  symmetricMaskedContrast,
  type ContrastRules,
  type ContrastSides,
} from './parts/maskedContrast.ts'
import { eachBlock } from './parts/rowBlocks.ts'
import { scaleOf, temperatureFields, temperaturePart, temperatureScalars } from './parts/temperature.ts'

/**
 * Supervised contrastive loss, L_out (Khosla et al. 2020), of two views or modalities: between the sides, the mean of both
 * directions, where a row's own partner is one of its positives; within each of them, where a row is nothing to itself; or
 * the mean of the three. Positives have the same label, or are partners and rows whose cosine is a threshold or more.
 * Balanced, an anchor counts by 1 over the number of anchors of its label in the batch: rare classes as much as frequent
 * ones. a, b [B, D], labels int32 [B]; ids are not looked at. Parts: `cross`, `intra`, of those that count.
 */
export default defineLoss({
  id: 'supervised-contrastive-pairs',
  title: 'Supervised contrastive pairs',
  summary: 'Draws rows of one class together between two sides, within them, or both.',
  formula:
    'L_out(a → b), L_out(b → a), L_out(a), L_out(b): ½ of the first two, ½ of the last two, or ⅓ of ½ + 1 + 1',
  use: 'Two modalities whose items have classes.',
  link: 'https://arxiv.org/abs/2004.11362',
  accepts: 'labelledPairs',
  fields: {
    ...temperatureFields,
    mode: {
      type: 'choice',
      label: 'Compares',
      help: 'Rows of which sides are held against each other.',
      default: 'all',
      options: [
        { value: 'cross', label: 'The sides' },
        { value: 'intra', label: 'Each side with itself' },
        { value: 'all', label: 'Both' },
      ],
    },
    positives: {
      type: 'choice',
      label: 'Positives',
      help: 'Which rows belong together.',
      default: 'labels',
      options: [
        { value: 'labels', label: 'Those of one class' },
        {
          value: 'alike',
          label: 'Those that are alike',
          help: 'Partners, and what is alike now; labels do not count.',
        },
      ],
    },
    threshold: { ...alikeThreshold, default: 0.5 },
    areClassesBalanced: {
      type: 'bool',
      label: 'Balance classes',
      help: 'Each class of a batch counts the same, however many rows it has.',
      default: false,
    },
    ...contrastReducerFields,
  },
  scalars: temperatureScalars,
  compute(params, { labels, ...pairs }, memory) {
    const scale = scaleOf(params, memory)
    const rules: ContrastRules = {
      ...meanOfPositives,
      reducer: params.reducer,
      anchorWeights: params.areClassesBalanced ? balanced(labels) : null,
    }
    const pairsBy: ContrastSides['pairs'] = (cosines, block) =>
      params.positives === 'labels'
        ? sidePairs(labels, labels.size, block)
        : withAlike(sidePairs(null, labels.size, block), cosines, params.threshold)
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const within = (z: Tensor2D): Scalar => {
      const others: ContrastSides['pairs'] = (cosines, block) => withoutSelf(pairsBy(cosines, block), block)
      return maskedContrast({ rows: z, columns: z, scale, pairs: others }, rules)
    }
    const between = (): Scalar =>
      symmetricMaskedContrast({ rows: a, columns: b, scale, pairs: pairsBy }, rules)
    const { mode } = params
    const cross = mode === 'intra' ? null : between()
    const intra: Scalar | null = mode === 'cross' ? null : mul(add(within(a), within(b)), 0.5)
    const parts = {
      ...(cross === null ? {} : { cross }),
      ...(intra === null ? {} : { intra }),
      ...temperaturePart(scale),
    }
    if (cross === null || intra === null) return { loss: (cross ?? intra)!, parts }
    return { loss: div(add(cross, mul(intra, 2)), 3) as Scalar, parts }
  },
})

/** [B]: 1 over the number of rows that have a row's label, times a mean of 1. */
function balanced(labels: Tensor1D): Tensor1D {
  return offTape(() => {
    const numbers = eachBlock([labels.size, labels.size], (block): Tensor1D => {
      const { positive } = sidePairs(labels, labels.size, block)
      return sum(cast(positive, 'float32'), 1)
    })
    const shares: Tensor1D = div(1, numbers)
    return mul(shares, div(labels.size, sum(shares))) as Tensor1D
  })
}

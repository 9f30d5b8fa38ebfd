import { add, cast, div, maximum, relu, softplus, sum, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { distanceFields, distancesOf } from './parts/distances.ts'
import { labelPairs } from './parts/labelPairs.ts'
import { reducerFields, sumWhere } from './parts/reducers.ts'
import { sumOverRows } from './parts/rowBlocks.ts'
import { mineTriplets, minerFields } from './parts/tripletMiners.ts'

/**
 * Triplet loss over triplets that are found in a labelled batch: the hardest of each anchor (Hermans et al. 2017), semi-hard
 * ones (Schroff et al. 2015), or all. Softly, it draws on beyond the margin: log(1 + e^(d_ap - d_an)). embeddings [N, D],
 * labels int32 [N]. The part `mined` is the number of triplets that count.
 */
export default defineLoss({
  id: 'triplet-mining',
  title: 'Mined triplets',
  summary: 'Keeps rows of one class nearer than the nearest rows of other classes, by a margin.',
  formula: 'mean over mined (a, p, n) of max(0, d_ap − d_an + m)',
  use: 'Embeddings of labelled data with many classes and few rows of each.',
  link: 'https://arxiv.org/abs/1703.07737',
  accepts: 'labelled',
  fields: {
    ...minerFields,
    margin: {
      type: 'number',
      label: 'Margin',
      help: 'How much nearer the positive has to be; also bounds what is semi-hard.',
      default: 0.2,
      min: 0,
      max: 1000,
    },
    isSoft: {
      type: 'bool',
      label: 'Soft margin',
      help: 'Goes on pulling beyond the margin, ever less, instead of stopping there.',
      default: false,
    },
    ...distanceFields,
    ...reducerFields,
  },
  compute(params, { embeddings, labels }) {
    const { z, between } = distancesOf(embeddings, params)
    const { total, aside } = sumOverRows({ rows: z, columns: z }, ({ rows, columns, ...block }) => {
      const distances = between(rows, columns, block)
      const { gaps, mask } = mineTriplets(distances, labelPairs(labels, block), params)
      const losses = params.isSoft ? softplus(gaps) : relu(add(gaps, params.margin))
      const { total, count } = sumWhere(losses, mask, params.reducer)
      return { total, aside: { count, mined: sum(cast(mask, 'float32')) } }
    })
    const { count, mined } = aside
    return { loss: div(total, maximum(count, 1)) as Scalar, parts: { mined } }
  },
})

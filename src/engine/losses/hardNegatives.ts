import {
  add,
  cast,
  div,
  exp,
  expandDims,
  fill,
  logSumExp,
  mean,
  mul,
  softplus,
  sub,
  sum,
  transpose,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import { hardestNegatives, semiHardNegatives } from './parts/hardNegatives.ts'
import { sidePairs } from './parts/labelPairs.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/** Stands for the logarithm of 0. */
const least = -1e30

/**
 * Symmetric contrastive loss whose hard negatives count several times in the denominator: those most alike, or those a
 * little less alike than the positives (the band of Schroff et al. 2015). Which ones are hard carries no gradient. Rows with
 * the same id are positives of each other, each against the negatives alone; the mean over them. a, b [B, D]. Keeps
 * matrices [B, B].
 */
export default defineLoss({
  id: 'hard-negatives',
  title: 'Hard negatives',
  summary: 'Pulls pairs together and pushes others apart, above all those that are easily mistaken.',
  formula:
    '½ of both directions of mean −log( e^{s_p} / (e^{s_p} + Σ_n w_n e^{s_n}) ), w_n the weight if hard, else 1',
  use: 'Dual encoders that have learned what is easy.',
  link: 'https://arxiv.org/abs/1503.03832',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    strategy: {
      type: 'choice',
      label: 'Hard are',
      help: 'Which negatives count several times.',
      default: 'semi-hard',
      options: [
        { value: 'semi-hard', label: 'Semi-hard ones', help: 'A little less alike than the positives.' },
        { value: 'top', label: 'The most alike', help: 'A share of each row’s negatives.' },
      ],
    },
    weight: {
      type: 'number',
      label: 'Weight',
      help: 'So many times a hard negative counts.',
      default: 2,
      min: 1,
      max: 1000,
    },
    share: {
      type: 'number',
      label: 'Share',
      help: 'How many of a row’s negatives are the most alike.',
      default: 0.1,
      min: 0.001,
      max: 1,
    },
    band: {
      type: 'number',
      label: 'Band',
      help: 'How much smaller the cosine of a semi-hard negative may be than that of the positives.',
      default: 0.2,
      min: 0.001,
      max: 2,
    },
  },
  scalars: temperatureScalars,
  compute(params, { a, b, ids }, memory) {
    const alike = rowScores(l2Normalize(a), l2Normalize(b))
    const pairs = sidePairs(ids, a.shape[0])
    const scale = scaleOf(params, memory)
    const factor = typeof scale === 'number' ? scale : exp(scale)
    const oneWay = (similarities: Tensor2D): Scalar => {
      const hard =
        params.strategy === 'top'
          ? hardestNegatives(similarities, pairs.negative, params.share)
          : semiHardNegatives(similarities, pairs, params.band)
      const extra = mul(cast(hard, 'float32'), Math.log(params.weight))
      const scores = mul(similarities, factor)
      const held: Tensor = where(pairs.negative, add(scores, extra), fill(scores.shape, least))
      const negatives: Tensor1D = logSumExp(held, 1)
      return meanOfPositives(softplus(sub(expandDims(negatives, 1), scores)), pairs.positive)
    }
    // Equal ids are equal both ways: the masks are symmetric.
    const loss = mul(add(oneWay(alike), oneWay(transpose(alike))), 0.5) as Scalar
    return { loss, parts: {} }
  },
})

/** Mean over rows, each of which has a positive, of the mean over its positives. */
function meanOfPositives(losses: Tensor, positive: Tensor2D): Scalar {
  const sums = sum(where(positive, losses, zerosLike(losses)), 1)
  return mean(div(sums, sum(cast(positive, 'float32'), 1)))
}

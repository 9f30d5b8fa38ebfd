import {
  add,
  div,
  fill,
  logSumExp,
  mul,
  softplus,
  sub,
  sum,
  where,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import { informativePairs } from './parts/informativePairs.ts'
import { labelPairs } from './parts/labelPairs.ts'
import { sumOverRows } from './parts/rowBlocks.ts'

/** Stands for the logarithm of 0. */
const least = -1e30

/**
 * Multi-similarity loss (Wang et al. 2019): positives of an anchor weigh by how far they are below a base and below each
 * other, negatives by how far above; with their miner only pairs count that another pair of the anchor contradicts. The mean
 * over all anchors, those without a pair too. embeddings [N, D], labels int32 [N].
 */
export default defineLoss({
  id: 'multi-similarity',
  title: 'Multi-similarity',
  summary: 'Weighs every pair by how wrong it is, and by how wrong the anchor’s other pairs are.',
  formula: 'mean of 1/α log(1 + Σ_p e^{−α(s_p − λ)}) + 1/β log(1 + Σ_n e^{β(s_n − λ)}), s = cos',
  use: 'Retrieval among labelled data.',
  link: 'https://arxiv.org/abs/1904.06627',
  accepts: 'labelled',
  fields: {
    alpha: {
      type: 'number',
      label: 'Sharpness of positives',
      help: 'Higher looks at those that are least alike only.',
      default: 2,
      min: 0.01,
      max: 1000,
      scale: 'log',
    },
    beta: {
      type: 'number',
      label: 'Sharpness of negatives',
      help: 'Higher looks at those that are most alike only.',
      default: 50,
      min: 0.01,
      max: 1000,
      scale: 'log',
    },
    base: {
      type: 'number',
      label: 'Base',
      help: 'The cosine that positives should be above, and negatives below.',
      default: 0.5,
      min: -1,
      max: 1,
      step: 0.05,
    },
    isMined: {
      type: 'bool',
      label: 'Mine pairs',
      help: 'Counts only positives that are less alike than some negative, and the other way round.',
      default: true,
    },
    epsilon: {
      type: 'number',
      label: 'Margin of the miner',
      help: 'By how much a pair may be on the right side and count all the same.',
      default: 0.1,
      min: 0,
      max: 2,
      isAdvanced: true,
    },
  },
  compute({ alpha, beta, base, isMined, epsilon }, { embeddings, labels }) {
    const z = l2Normalize(embeddings)
    const { total, aside } = sumOverRows({ rows: z, columns: z }, ({ rows, columns, ...block }) => {
      const similarities = rowScores(rows, columns)
      const all = labelPairs(labels, block)
      const { positive, negative } = isMined ? informativePairs(similarities, all, epsilon) : all
      const above = sub(similarities, base)
      const pull = sumOf(mul(above, -alpha), positive, alpha)
      const push = sumOf(mul(above, beta), negative, beta)
      return { total: add(pull, push), aside: { pull, push } }
    })
    const mean = (sums: Scalar): Scalar => div(sums, labels.size)
    return { loss: mean(total), parts: { pull: mean(aside.pull), push: mean(aside.push) } }
  },
})

/** Sum over rows of 1/sharpness · log(1 + the sum of exp of what the mask holds). */
function sumOf(scores: Tensor, mask: Tensor2D, sharpness: number): Scalar {
  const held: Tensor = where(mask, scores, fill(scores.shape, least))
  const sums: Tensor1D = logSumExp(held, 1)
  return div(sum(softplus(sums)), sharpness)
}

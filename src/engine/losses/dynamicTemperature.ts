import {
  add,
  clipByValue,
  div,
  exp,
  log,
  maximum,
  minimum,
  mul,
  neg,
  ones,
  reshape,
  scalar,
  stack,
  sub,
  sum,
  unstack,
  where,
  zeros,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { linear } from '../kernels/linear/linear.ts'
import { oneToOne, similarityContrast } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss } from './defineLoss.ts'
import type { Pairs } from './lossInputs.ts'
import { sidePairs } from './parts/labelPairs.ts'
import { pairIds } from './parts/pairIds.ts'
import { eachBlock, rowsIn } from './parts/rowBlocks.ts'

/**
 * Symmetric contrastive loss (Radford et al. 2021) whose temperature follows how far pairs are apart from others: with
 * Δ = mean cosine of positives − mean cosine of negatives, τ = τ₀·(0.8 + 0.4·e^{−2Δ}) within limits, without a gradient
 * through it (a heuristic of the MultiModal Insight Engine). A batch that is well separated is looked at more sharply.
 * Rows with the same id are positives of each other. a, b [B, D]. Parts: `temperature`, and `separation`, which is Δ.
 */
export default defineLoss({
  id: 'dynamic-temperature',
  title: 'Dynamic temperature',
  summary: 'Pulls pairs together and pushes others apart, the more sharply the better it does.',
  formula: '½·(InfoNCE(a → b) + InfoNCE(b → a)), s = cos / τ, τ = clip(τ₀·(0.8 + 0.4·e^{−2Δ}))',
  use: 'Dual encoders where no one temperature suits the beginning and the end.',
  link: 'https://arxiv.org/abs/2103.00020',
  accepts: 'pairs',
  fields: {
    baseTemperature: {
      type: 'number',
      label: 'Base temperature (τ₀)',
      help: 'What similarities are divided by at a separation of about a third.',
      default: 0.07,
      min: 0.001,
      max: 100,
      scale: 'log',
    },
    lowestTemperature: {
      type: 'number',
      label: 'Lowest temperature',
      help: 'It gets no lower than this.',
      default: 0.04,
      min: 0.001,
      max: 100,
      scale: 'log',
    },
    highestTemperature: {
      type: 'number',
      label: 'Highest temperature',
      help: 'It gets no higher than this.',
      default: 0.2,
      min: 0.001,
      max: 100,
      scale: 'log',
    },
  },
  check({ lowestTemperature: lowest, highestTemperature: highest }) {
    if (lowest <= highest) return []
    const message = `must be at most the highest temperature, ${highest}, got ${lowest}`
    return [{ path: ['lowestTemperature'], message }]
  },
  compute(params, pairs) {
    const { lowestTemperature: lowest, highestTemperature: highest } = params
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const separation = separationOf({ ...pairs, a, b })
    const temperature = offTape(() => {
      const wanted = mul(add(mul(exp(mul(separation, -2)), 0.4), 0.8), params.baseTemperature)
      return clipByValue(wanted as Scalar, lowest, highest)
    })
    const scale = offTape(() => neg(log(temperature)))
    const options = { ...oneToOne, ids: pairIds(pairs), scale, directions: 'both' } as const
    const { loss, accuracy } = similarityContrast(a, b, options)
    return { loss, parts: { accuracy, temperature, separation } }
  },
})

/** Mean cosine of positives less that of negatives, of unit rows; negatives are 0 where there is none. */
function separationOf(pairs: Pairs): Scalar {
  return offTape(() => {
    const { a, b } = pairs
    const [alike, positives] = unstack(sum(positivesOf(pairs), 0)) as [Scalar, Scalar]
    const all = sum(mul(sum(a, 0), sum(b, 0)))
    const negatives = sub(a.shape[0] * b.shape[0], positives)
    const others: Tensor = div(sub(all, alike), maximum(negatives, 1))
    return sub(div(alike, positives), mul(others, minimum(negatives, 1)))
  })
}

/** [blocks, 2]: the cosines of positives added up, and how many they are. */
function positivesOf({ a, b, ids }: Pairs): Tensor2D {
  const count = a.shape[0]
  if (ids === null) return reshape(stack([sum(mul(a, b)), scalar(count)]), [1, 2])
  return eachBlock([count, count], (block): Tensor2D => {
    // Chosen, not cast: tfjs would leave the bits of a bool, which only its own programs understand.
    const positive: Tensor2D = where(sidePairs(ids, count, block).positive, ones([1, 1]), zeros([1, 1]))
    const alike = sum(mul(rowsIn(a, block), linear(positive, b, null)))
    return reshape(stack([alike, sum(positive)]), [1, 2])
  })
}

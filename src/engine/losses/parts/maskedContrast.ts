import type { Fields } from '../../../core/schema.ts'
import {
  add,
  any,
  cast,
  div,
  expandDims,
  fill,
  logSumExp,
  logicalAnd,
  maximum,
  minimum,
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
} from '../../backend/tfjs.ts'
import type { LabelPairs } from './labelPairs.ts'

/** Stands for the logarithm of 0. */
const least = -1e30

/** Settings of what is divided by. */
export const contrastReducerFields = {
  reducer: {
    type: 'choice',
    label: 'Mean over',
    help: 'What the loss of a batch is divided by.',
    default: 'anchors',
    options: [
      { value: 'anchors', label: 'Anchors that have a positive' },
      { value: 'all-anchors', label: 'All anchors', help: 'Those without a positive count as 0.' },
      { value: 'pairs', label: 'Pairs', help: 'Anchors with many positives count more.' },
      { value: 'sum', label: 'Nothing', help: 'The sum over anchors.' },
    ],
  },
} as const satisfies Fields

export interface ContrastRules {
  /** Over an anchor's positives the mean of their logarithms (Khosla et al. 2020), or the logarithm of their sum (MIL-NCE). */
  readonly joins: 'mean-log' | 'log-sum'
  /** Which positives stand beside the negatives in the denominator: all of the anchor, each itself alone, or none. */
  readonly denominator: 'all' | 'own' | 'none'
  readonly reducer: (typeof contrastReducerFields.reducer.options)[number]['value']
  /** float32 [N]: how much each anchor counts; null for 1. */
  readonly anchorWeights: Tensor1D | null
}

/** What most contrastive losses are. */
export const meanOfPositives: ContrastRules = {
  joins: 'mean-log',
  denominator: 'all',
  reducer: 'anchors',
  anchorWeights: null,
}

/**
 * Contrastive loss of rows over columns for any masks, of matrices that are kept: the kernel of `similarityLoss` has ids in
 * place of masks, and is the one to take where those say it all. A row without a positive has no loss, nor one without a
 * negative where they alone are the denominator; 0 where there is none.
 * @param scores [N, M], scaled
 * @param extra [N, M], added to the scores of negatives in the denominator: logarithms of their weights; null for 0
 */
export function maskedContrast(
  scores: Tensor2D,
  { positive, negative }: LabelPairs,
  rules: ContrastRules,
  extra: Tensor2D | null = null,
): Scalar {
  const negatives = logSumWhere(negative, extra === null ? scores : add(scores, extra))
  const isHeld = rules.denominator === 'none' ? logicalAnd(positive, any(negative, 1, true)) : positive
  const numbers: Tensor1D = sum(cast(isHeld, 'float32'), 1)
  const losses =
    rules.joins === 'log-sum'
      ? mul(joined(logSumWhere(positive, scores), negatives, rules.denominator), minimum(numbers, 1))
      : div(
          sum(where(isHeld, each(scores, positive, negatives, rules), zerosLike(scores)), 1),
          maximum(numbers, 1),
        )
  return reduced(losses as Tensor1D, numbers, rules)
}

/** The mean of both directions. @param extra of rows and of columns */
export function symmetricMaskedContrast(
  scores: Tensor2D,
  pairs: LabelPairs,
  rules: ContrastRules,
  extra: readonly [Tensor2D, Tensor2D] | null = null,
): Scalar {
  const across = { positive: transpose(pairs.positive), negative: transpose(pairs.negative) }
  const there = maskedContrast(scores, pairs, rules, extra?.[0] ?? null)
  const back = maskedContrast(transpose(scores), across, rules, extra?.[1] ?? null)
  return mul(add(there, back), 0.5)
}

/** [N, M]: -log of the share of each pair. */
function each(scores: Tensor2D, positive: Tensor2D, negatives: Tensor1D, rules: ContrastRules): Tensor {
  const of = (denominators: Tensor): Tensor => sub(expandDims(denominators, 1), scores)
  if (rules.denominator === 'none') return of(negatives)
  if (rules.denominator === 'own') return softplus(of(negatives))
  return of(logSum(logSumWhere(positive, scores), negatives))
}

/** [N]: -log of the share of all positives together. */
function joined(positives: Tensor1D, negatives: Tensor1D, denominator: ContrastRules['denominator']): Tensor {
  const apart = sub(negatives, positives)
  return denominator === 'none' ? apart : softplus(apart)
}

function reduced(losses: Tensor1D, numbers: Tensor1D, { reducer, anchorWeights }: ContrastRules): Scalar {
  const isThere = minimum(numbers, 1)
  const weights: Tensor = anchorWeights === null ? isThere : mul(anchorWeights, isThere)
  const perAnchor = reducer === 'pairs' ? mul(weights, numbers) : weights
  const total: Scalar = sum(mul(losses, perAnchor))
  if (reducer === 'sum') return total
  if (reducer === 'all-anchors') return div(total, losses.size)
  // Only where nothing counts is there nothing to divide by.
  return div(total, maximum(sum(perAnchor), 1e-12))
}

/** log(e^x + e^y), number by number. */
function logSum(x: Tensor1D, y: Tensor1D): Tensor {
  return add(x, softplus(sub(y, x)))
}

/** [N]: the logarithm of the sum of exp of what the mask holds; about -1e30 for none. */
function logSumWhere(mask: Tensor2D, scores: Tensor): Tensor1D {
  return logSumExp(where(mask, scores, fill(scores.shape, least)), 1)
}

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
  where,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { rowScores } from '../../kernels/linear/rowScores.ts'
import type { RowChunk } from '../../kernels/rowChunks.ts'
import type { LabelPairs } from './labelPairs.ts'
import { rowsIn, sumOverRows, type Sides } from './rowBlocks.ts'

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

/** What is held against what, and who is what there. */
export interface ContrastSides extends Sides {
  /** Of the rows of a block, given what of them is similar to all columns, [C, M]. Without a gradient. */
  pairs(alike: Tensor2D, block: RowChunk): LabelPairs
  /**
   * [C, M], added to the scores of negatives in the denominator: logarithms of their weights, without a gradient. Left
   * out for 0.
   */
  readonly extra?: ((alike: Tensor2D, pairs: LabelPairs) => Tensor2D) | undefined
}

/**
 * Contrastive loss of rows over columns for any masks, for some rows at a time: the kernel of `similarityLoss` has ids in
 * place of masks, and is the one to take where those say it all. A row without a positive has no loss, nor one without a
 * negative where they alone are the denominator; 0 where there is none.
 */
export function maskedContrast({ pairs, extra, ...sides }: ContrastSides, rules: ContrastRules): Scalar {
  const { total, aside } = sumOverRows(sides, ({ rows, columns, factor, ...block }) => {
    const alike = rowScores(rows, columns)
    const masks = pairs(alike, block)
    const found = lossesOf(mul(alike, factor), masks, rules, extra?.(alike, masks) ?? null)
    const weights = anchorWeights(found.numbers, rules, block)
    return { total: sum(mul(found.losses, weights)), aside: { weight: sum(weights) } }
  })
  if (rules.reducer === 'sum') return total
  if (rules.reducer === 'all-anchors') return div(total, sides.rows.shape[0])
  // Only where nothing counts is there nothing to divide by.
  return div(total, maximum(aside.weight, 1e-12))
}

/** The mean of both directions. @param back given where who is what depends on the direction */
export function symmetricMaskedContrast(
  there: ContrastSides,
  rules: ContrastRules,
  back: ContrastSides = { ...there, rows: there.columns, columns: there.rows },
): Scalar {
  return mul(add(maskedContrast(there, rules), maskedContrast(back, rules)), 0.5)
}

/** [C] each: what is lost, and how many positives it is of. @param extra see {@link ContrastSides} */
function lossesOf(
  scores: Tensor2D,
  { positive, negative }: LabelPairs,
  rules: ContrastRules,
  extra: Tensor2D | null,
): { losses: Tensor1D; numbers: Tensor1D } {
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
  return { losses: losses as Tensor1D, numbers }
}

/** [C, M]: -log of the share of each pair. */
function each(scores: Tensor2D, positive: Tensor2D, negatives: Tensor1D, rules: ContrastRules): Tensor {
  const of = (denominators: Tensor): Tensor => sub(expandDims(denominators, 1), scores)
  if (rules.denominator === 'none') return of(negatives)
  if (rules.denominator === 'own') return softplus(of(negatives))
  return of(logSum(logSumWhere(positive, scores), negatives))
}

/** [C]: -log of the share of all positives together. */
function joined(positives: Tensor1D, negatives: Tensor1D, denominator: ContrastRules['denominator']): Tensor {
  const apart = sub(negatives, positives)
  return denominator === 'none' ? apart : softplus(apart)
}

/** [C]: how much each anchor counts, by how many positives. */
function anchorWeights(numbers: Tensor1D, { reducer, anchorWeights: given }: ContrastRules, block: RowChunk) {
  const isThere = minimum(numbers, 1)
  const weights: Tensor = given === null ? isThere : mul(rowsIn(given, block), isThere)
  return reducer === 'pairs' ? mul(weights, numbers) : weights
}

/** log(e^x + e^y), number by number. */
function logSum(x: Tensor1D, y: Tensor1D): Tensor {
  return add(x, softplus(sub(y, x)))
}

/** [C]: the logarithm of the sum of exp of what the mask holds; about -1e30 for none. */
function logSumWhere(mask: Tensor2D, scores: Tensor): Tensor1D {
  return logSumExp(where(mask, scores, fill(scores.shape, least)), 1)
}

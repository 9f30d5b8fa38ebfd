import type { Fields } from '../../../core/schema.ts'
import { concat2d, mul, neg, onesLike, square, sum, type Tensor2D } from '../../backend/tfjs.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'

/** Settings of how alike two rows are. */
export const similarityFields = {
  similarity: {
    type: 'choice',
    label: 'Similarity',
    help: 'How alike two rows are.',
    default: 'cosine',
    options: [
      { value: 'cosine', label: 'Cosine', help: 'Whatever their lengths.' },
      { value: 'dot', label: 'Dot product', help: 'Long rows are more alike to all.' },
      { value: 'squared-distance', label: 'Minus the squared distance', help: '−|a − b|².' },
    ],
  },
} as const satisfies Fields

export type Similarity = (typeof similarityFields.similarity.options)[number]['value']

/**
 * Rows whose products are the similarities of those given, so that every kernel of products serves each of them.
 * @param a [N, D]
 * @param b [M, D]
 * @returns [N, D'] and [M, D']; of a tensor with itself the same one where they are alike
 */
export function comparedRows(a: Tensor2D, b: Tensor2D, similarity: Similarity): [Tensor2D, Tensor2D] {
  if (similarity === 'dot') return [a, b]
  if (similarity === 'cosine') {
    const unit = l2Normalize(a)
    return [unit, a === b ? unit : l2Normalize(b)]
  }
  // -|a - b|² = 2·a·b - |a|² - |b|²
  const [squaresA, squaresB] = [squares(a), squares(b)]
  return [
    concat2d([mul(a, 2), neg(squaresA), neg(onesLike(squaresA))], 1),
    concat2d([b, onesLike(squaresB), squaresB], 1),
  ]
}

function squares(x: Tensor2D): Tensor2D {
  return sum(square(x), 1, true)
}

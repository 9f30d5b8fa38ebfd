import { Generator } from '../../../core/rng.ts'

/**
 * The fold of each item, such that folds have as many of each label as can be: the items of a label are shuffled by the
 * seed and dealt out in turn, one label after the other. [N]
 */
export function stratifiedFolds(labels: Int32Array, options: { folds: number; seed: number }): Int32Array {
  const generator = new Generator(options.seed, 'doctor folds')
  const order = generator.permutation(labels.length)
  const byLabel = order.toSorted((a, b) => labels[a]! - labels[b]!)
  const fold = new Int32Array(labels.length)
  byLabel.forEach((item, place) => (fold[item] = place % options.folds))
  return fold
}

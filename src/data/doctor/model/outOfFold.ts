import { Generator } from '../../../core/rng.ts'
import type { Matrix } from '../features/matrix.ts'
import type { SparseMatrix } from '../features/textFeatures.ts'
import { fitComplementNaiveBayes } from './complementNaiveBayes.ts'
import { stratifiedFolds } from './folds.ts'
import { fourierFeatures } from './fourierFeatures.ts'
import { chooseKernel, mostTried, score, sumsOf, weightsOf, type Targets } from './kernelRidge.ts'
import { calibrated } from './temperature.ts'

export interface OutOfFoldOptions extends Targets {
  readonly folds: number
  readonly seed: number
  /** Random features of the kernel: more are slower and closer to it. */
  readonly features: number
  /** Items of each fold that the others' model learns from at most. */
  readonly mostLearned?: number
  /** Called now and then with the share that is done. */
  onProgress?(share: number): void
}

/**
 * A fold is learned from by so many of its items at most, drawn by the seed: some hundred features are settled by far fewer,
 * and the sums that they are solved from would take minutes over a million rows.
 */
const mostLearnedOfFold = 10_000

/**
 * Probabilities of each class for each item from a model that has not seen it: kernel ridge regression on the labels with
 * random Fourier features, fitted on all folds but the item's own, brought to probabilities by one temperature. Least
 * squares bear wrong labels better than cross-entropy does, and the sums of a fold are taken from the whole, so that all
 * folds cost little more than one. Deterministic by seed. [N, numClasses]
 * @param input [N, F], columns of similar size
 */
export function outOfFold(input: Matrix, options: OutOfFoldOptions): Float64Array {
  const { labels, numClasses, folds, seed, mostLearned = mostLearnedOfFold } = options
  const fold = stratifiedFolds(labels, options)
  const { width, ridge } = chooseKernel(input, options)
  const features = fourierFeatures(input, { count: options.features, width, seed })
  const scores = new Float64Array(input.rows * numClasses)
  const members = membersOf(fold, folds)
  const generator = new Generator(seed, 'doctor learned')
  const learned = members.map((items, own) =>
    items.length > mostLearned
      ? generator
          .permutation(items.length, own)
          .subarray(0, mostLearned)
          .map((place) => items[place]!)
      : items,
  )
  const sums = learned.map((items, own) => {
    const fitted = sumsOf(features, items, options)
    options.onProgress?.((own + 1) / (2 * folds))
    return fitted
  })
  const learnedCount = learned.reduce((sum, { length }) => sum + length, 0)
  members.forEach((items, own) => {
    const weights = weightsOf(
      sums.filter((_, other) => other !== own),
      { width: features.width, numClasses, ridge: ridge * (learnedCount / mostTried) },
    )
    score(features, items, { weights, numClasses, out: scores })
    options.onProgress?.((folds + own + 1) / (2 * folds))
  })
  return calibrated(scores, labels, numClasses).probabilities
}

/** The same for texts: complement naive Bayes on sparse rows. [N, numClasses] */
export function outOfFoldSparse(
  input: SparseMatrix,
  options: Omit<OutOfFoldOptions, 'features'>,
): Float64Array {
  const { labels, numClasses, folds } = options
  const fold = stratifiedFolds(labels, options)
  const out = new Float64Array(labels.length * numClasses)
  membersOf(fold, folds).forEach((held, own) => {
    const rows = Int32Array.from(fold.keys()).filter((item) => fold[item] !== own)
    fitComplementNaiveBayes(input, options, { rows, held, out })
    options.onProgress?.((own + 1) / folds)
  })
  return calibrated(out, labels, numClasses).probabilities
}

function membersOf(fold: Int32Array, folds: number): Int32Array[] {
  return Array.from({ length: folds }, (_, own) =>
    Int32Array.from(fold.keys()).filter((item) => fold[item] === own),
  )
}

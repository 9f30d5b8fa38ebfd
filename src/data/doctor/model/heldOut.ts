import { pickRows, type Matrix } from '../features/matrix.ts'
import type { SparseMatrix } from '../features/textFeatures.ts'
import { fitComplementNaiveBayes } from './complementNaiveBayes.ts'
import { fourierFeatures } from './fourierFeatures.ts'
import { chooseKernel, mostTried, score, sumsOf, weightsOf, type Targets } from './kernelRidge.ts'

export interface HeldOutOptions extends Targets {
  readonly seed: number
  readonly features: number
  /** Places that are learned from; nothing of the model, its width and ridge included, is chosen by others. */
  readonly train: Int32Array
  /** Places that are scored. */
  readonly test: Int32Array
}

/** Scores of each class for the items of `test`, the others being zero, from the doctor's model of `train`. [N, numClasses] */
export function heldOutScores(
  input: { readonly dense: Matrix } | { readonly sparse: SparseMatrix },
  options: HeldOutOptions,
): Float64Array {
  const { labels, numClasses, seed, train, test } = options
  const out = new Float64Array(labels.length * numClasses)
  if ('sparse' in input) {
    fitComplementNaiveBayes(input.sparse, options, { rows: train, held: test, out })
    return out
  }
  const ownLabels = train.map((item) => labels[item]!)
  const { width, ridge } = chooseKernel(pickRows(input.dense, train), { ...options, labels: ownLabels })
  const features = fourierFeatures(input.dense, { count: options.features, width, seed })
  const weights = weightsOf([sumsOf(features, train, options)], {
    width: features.width,
    numClasses,
    ridge: ridge * (train.length / mostTried),
  })
  score(features, test, { weights, numClasses, out })
  return out
}

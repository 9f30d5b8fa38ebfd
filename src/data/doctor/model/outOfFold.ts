import { Generator } from '../../../core/rng.ts'
import type { Matrix } from '../features/matrix.ts'
import { stratifiedFolds } from './folds.ts'
import { fourierFeatures } from './fourierFeatures.ts'
import { addToSums, solveRidge } from './gram.ts'
import { fitComplementNaiveBayes } from './complementNaiveBayes.ts'
import type { SparseMatrix } from '../features/textFeatures.ts'
import { calibrated } from './temperature.ts'

export interface OutOfFoldOptions {
  readonly labels: Int32Array
  readonly numClasses: number
  readonly folds: number
  readonly seed: number
  /** Random features of the kernel: more are slower and closer to it. */
  readonly features: number
  /** Called after each fold with the share that is done. */
  onProgress?(share: number): void
}

interface Chosen {
  readonly width: number
  readonly ridge: number
}

/** Widths of the kernel, in median distances, and strengths of the ridge that are tried. */
const widths = [0.4, 0.7, 1.2] as const
const ridges = [1e-3, 1e-2, 1e-1, 1] as const
/** They are chosen on so many items at most. */
const mostTried = 1500

/**
 * Probabilities of each class for each item from a model that has not seen it: kernel ridge regression on the labels with
 * random Fourier features, fitted on all folds but the item's own, brought to probabilities by one temperature. Least
 * squares bear wrong labels better than cross-entropy does, and the sums of a fold are taken from the whole, so that all
 * folds cost little more than one. Deterministic by seed. [N, numClasses]
 * @param input [N, F], columns of similar size
 */
export function outOfFold(input: Matrix, options: OutOfFoldOptions): Float64Array {
  const { labels, numClasses, folds, seed } = options
  const fold = stratifiedFolds(labels, options)
  const { width, ridge } = choose(input, options)
  const features = fourierFeatures(input, { count: options.features, width, seed })
  const scores = new Float64Array(input.rows * numClasses)
  const members = membersOf(fold, folds)
  const sums = members.map((items) => sumsOf(features, items, options))
  members.forEach((items, own) => {
    const weights = weightsOf(
      sums.filter((_, other) => other !== own),
      { width: features.width, numClasses, ridge: ridge * (input.rows / mostTried) },
    )
    score(features, items, { weights, numClasses, out: scores })
    options.onProgress?.((own + 1) / folds)
  })
  return calibrated(scores, labels, numClasses).probabilities
}

/** Width and ridge under which the labels of a fifth of a sample are likeliest, given the rest of it. */
function choose(input: Matrix, options: OutOfFoldOptions): Chosen {
  const { labels, numClasses, seed } = options
  const sample = new Generator(seed, 'doctor sample').permutation(input.rows).subarray(0, mostTried)
  const rows = Float32Array.from({ length: sample.length * input.width }, (_, i) => {
    return input.data[sample[Math.floor(i / input.width)]! * input.width + (i % input.width)]!
  })
  const own = { rows: sample.length, width: input.width, data: rows }
  const places = Int32Array.from(sample.keys())
  const heldPlaces = places.filter((place) => place % 5 === 0)
  const restPlaces = places.filter((place) => place % 5 !== 0)
  const ownLabels = sample.map((item) => labels[item]!)
  let best: (Chosen & { loss: number }) | null = null
  for (const width of widths) {
    const features = fourierFeatures(own, { count: Math.min(256, options.features), width, seed })
    const sums = [sumsOf(features, restPlaces, { labels: ownLabels, numClasses })]
    for (const ridge of ridges) {
      const weights = weightsOf(sums, {
        width: features.width,
        numClasses,
        ridge: (ridge * sample.length) / mostTried,
      })
      const out = new Float64Array(sample.length * numClasses)
      score(features, heldPlaces, { weights, numClasses, out })
      const heldScores = new Float64Array(heldPlaces.length * numClasses)
      heldPlaces.forEach((place, i) =>
        heldScores.set(out.subarray(place * numClasses, (place + 1) * numClasses), i * numClasses),
      )
      const { loss } = calibrated(
        heldScores,
        heldPlaces.map((place) => ownLabels[place]!),
        numClasses,
      )
      if (best === null || loss < best.loss) best = { width, ridge, loss }
    }
  }
  return best!
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

interface Features {
  readonly rows: number
  readonly width: number
  readonly data: Float64Array
}
interface Sums {
  readonly gram: Float64Array
  readonly cross: Float64Array
}

function membersOf(fold: Int32Array, folds: number): Int32Array[] {
  return Array.from({ length: folds }, (_, own) =>
    Int32Array.from(fold.keys()).filter((item) => fold[item] === own),
  )
}

function sumsOf(
  features: Features,
  items: Int32Array,
  targets: { readonly labels: Int32Array; readonly numClasses: number },
): Sums {
  const { width } = features
  const sums = {
    gram: new Float64Array(width * width),
    cross: new Float64Array(width * targets.numClasses),
  }
  addToSums(sums, features, items, targets)
  return sums
}

function weightsOf(
  sums: readonly Sums[],
  { width, numClasses, ridge }: { width: number; numClasses: number; ridge: number },
): Float64Array {
  const gram = added(sums.map((own) => own.gram))
  const cross = added(sums.map((own) => own.cross))
  return solveRidge(gram, cross, { width, columns: numClasses, ridge })
}

function score(
  { width, data }: Features,
  items: Int32Array,
  { weights, numClasses, out }: { weights: Float64Array; numClasses: number; out: Float64Array },
): void {
  for (const item of items)
    for (let i = 0; i < width; i++) {
      const value = data[item * width + i]!
      for (let k = 0; k < numClasses; k++) out[item * numClasses + k]! += value * weights[i * numClasses + k]!
    }
}

function added(arrays: readonly Float64Array[]): Float64Array {
  const out = arrays[0]!.slice()
  for (const array of arrays.slice(1)) for (let i = 0; i < out.length; i++) out[i]! += array[i]!
  return out
}

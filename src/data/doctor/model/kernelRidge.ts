import { Generator as RandomGenerator } from '../../../core/rng.ts'
import { pickRows, type Matrix } from '../features/matrix.ts'
import { fourierFeatures, type FeatureMap } from './fourierFeatures.ts'
import { addToSums, solveRidge } from './gram.ts'
import { calibrated } from './temperature.ts'

interface Chosen {
  readonly width: number
  readonly ridge: number
}

/** Widths of the kernel, in median distances, and strengths of the ridge that are tried. */
const widths = [0.4, 0.7, 1.2] as const
const ridges = [1e-3, 1e-2, 1e-1, 1] as const
/** They are chosen on so many items at most. */
export const mostTried = 1500

/** Width and ridge under which the labels of a fifth of a sample are likeliest, given the rest of it. */
export function chooseKernel(
  input: Matrix,
  options: Targets & { readonly seed: number; readonly features: number },
): Chosen {
  const { labels, numClasses, seed } = options
  const sample = new RandomGenerator(seed, 'doctor sample').permutation(input.rows).subarray(0, mostTried)
  const own = pickRows(input, sample)
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

export interface Targets {
  readonly labels: Int32Array
  readonly numClasses: number
}
/** Items whose features are made at a time. A multiple of four, which is how many are added up at once. */
const chunkItems = 2048

function* chunksOf(items: Int32Array): Generator<Int32Array> {
  for (let at = 0; at < items.length; at += chunkItems) yield items.subarray(at, at + chunkItems)
}

export interface Sums {
  readonly gram: Float64Array
  readonly cross: Float64Array
}

export function sumsOf(features: FeatureMap, items: Int32Array, { labels, numClasses }: Targets): Sums {
  const { width } = features
  const sums = { gram: new Float64Array(width * width), cross: new Float64Array(width * numClasses) }
  for (const chunk of chunksOf(items))
    addToSums(sums, features.of(chunk), { labels: chunk.map((item) => labels[item]!), numClasses })
  return sums
}

export function weightsOf(
  sums: readonly Sums[],
  { width, numClasses, ridge }: { width: number; numClasses: number; ridge: number },
): Float64Array {
  const gram = added(sums.map((own) => own.gram))
  const cross = added(sums.map((own) => own.cross))
  return solveRidge(gram, cross, { width, columns: numClasses, ridge })
}

/** Adds the scores of the items to their rows of `out` [N, numClasses]. */
export function score(
  features: FeatureMap,
  items: Int32Array,
  { weights, numClasses, out }: { weights: Float64Array; numClasses: number; out: Float64Array },
): void {
  for (const chunk of chunksOf(items)) {
    const { width, data } = features.of(chunk)
    chunk.forEach((item, row) => {
      for (let i = 0; i < width; i++) {
        const value = data[row * width + i]!
        for (let k = 0; k < numClasses; k++)
          out[item * numClasses + k]! += value * weights[i * numClasses + k]!
      }
    })
  }
}

function added(arrays: readonly Float64Array[]): Float64Array {
  const out = arrays[0]!.slice()
  for (const array of arrays.slice(1)) for (let i = 0; i < out.length; i++) out[i]! += array[i]!
  return out
}

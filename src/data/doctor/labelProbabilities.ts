import type { Labels } from './doctorSet.ts'
import type { SetFeatures } from './features/setFeatures.ts'
import { outOfFold, outOfFoldSparse } from './model/outOfFold.ts'

/** Folds, each of which is judged by a model of the others. */
export const folds = 5
/** Random features: more for more items, which need them and pay for them. */
const fewestFeatures = 256
const mostFeatures = 768

/**
 * Out-of-sample probabilities of the labels from what the items look like; where there are both texts and numbers, the mean
 * of both models. Items without a label are not among them. [labels, classes]
 */
export function labelProbabilities(
  { dense, sparse }: SetFeatures,
  labels: Pick<Labels, 'values' | 'classes'>,
  options: { seed: number; onProgress?(share: number): void },
): Float64Array {
  const shared = { labels: labels.values, numClasses: labels.classes.length, folds, seed: options.seed }
  const models = [
    dense &&
      (() => {
        const features = Math.min(mostFeatures, Math.max(fewestFeatures, Math.floor(dense.rows / 4)))
        return outOfFold(dense, { ...shared, features, ...progress(0) })
      }),
    sparse && (() => outOfFoldSparse(sparse, { ...shared, ...progress(dense ? 1 : 0) })),
  ].filter((model) => model !== null)
  const share = 1 / models.length
  function progress(place: number) {
    return { onProgress: (done: number) => options.onProgress?.((place + done) * share) }
  }
  const [first, second] = models.map((model) => model())
  return second ? first!.map((value, i) => (value + second[i]!) / 2) : first!
}

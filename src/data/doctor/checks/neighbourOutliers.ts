import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { findingOf } from '../finding.ts'
import { setFeatures } from '../features/setFeatures.ts'
import { neighbourDistances } from '../neighbourDistances.ts'
import { robustSpread } from '../robustSpread.ts'

/** Robust deviations of the logarithm of relative distances: the rim of a small cloud in a plane reaches 7 by chance. */
const leastScore = 8
/** Nearer than this is not far, however even the others stand. */
const leastRatio = 2
/** A set of which more is flagged has several kinds of items, not outliers. */
const mostShare = 0.01
const fewestItems = 50

export default defineCheck({
  id: 'neighbour-outliers',
  order: 65,
  version: 1,
  title: 'Items unlike all others',
  headline: (found) => `${counted(found.length, 'item is', 'items are')} unlike all others.`,
  summary:
    'Distance to the nearest items against theirs, by what pictures look like or by all columns together.',
  skipped(set) {
    if (set.count < fewestItems) return `Fewer than ${fewestItems} items.`
    if (set.images === null && set.columns.every(({ kind }) => kind === 'text'))
      return 'Texts are told apart by their words, and most are unlike all others.'
    return null
  },
  run(set, options) {
    const { dense } = setFeatures(set)
    if (dense === null) return []
    const { mean, relative } = neighbourDistances(dense, options)
    // Items that stand several times have no distance to speak of.
    const items = Array.from(mean.keys()).filter((item) => mean[item]! > 0 && relative[item]! < Infinity)
    if (items.length < fewestItems) return []
    const logarithms = items.map((item) => Math.log(relative[item]!))
    const { middle, spread } = robustSpread(logarithms)
    if (spread === 0) return []
    const far = items
      .map((item, i) => ({ item, score: (logarithms[i]! - middle) / spread }))
      .filter(({ item, score }) => score > leastScore && relative[item]! > leastRatio)
      .sort((a, b) => b.score - a.score)
    if (far.length > Math.max(1, mostShare * set.count)) return []
    return far.map(({ item, score }) =>
      findingOf({
        severity: 'warning',
        message: `Item ${item} is ${relative[item]!.toFixed(1)} times as far from its nearest neighbours as they are from theirs.`,
        items: [item],
        values: { distance: mean[item]!, relative: relative[item]!, score },
        fix: { kind: 'drop', items: [item] },
        confidence: Math.min(0.99, 1 - leastScore / (2 * score)),
      }),
    )
  },
})

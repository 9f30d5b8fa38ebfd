import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'
import { dealt } from './parts/splitItems.ts'
import { takeShares } from './parts/takeShares.ts'
import { oneUnit, sameContentNotice, shuffled, unitsOf } from './parts/units.ts'

export default defineSplit({
  id: 'random-items',
  order: 2,
  version: 2,
  usesSeed: true,
  title: 'Random items',
  summary:
    'Keeps items drawn at random, of each class the same share, and never parts items that hold the same: for images and rows. A text would be torn into letters.',
  of: 'items',
  fields: { fraction: fractionField },
  fits: ({ count }) => count > 1,
  deal(items, { fraction }, seed) {
    const { count, labels } = items
    if (count < 2) throw tooShortToSplit(count, 2, 'Choose a larger set.')
    const units = unitsOf(count, items.contents(null))
    if (units.length < 2) throw oneUnit(count, 'all of them hold the same', 'Choose another set.')
    const kept = takeShares(shuffled(units, seed), {
      fraction,
      stratumOf: (item) => labels?.[item] ?? 0,
      mostOwed: Infinity,
    })
    return dealt(count, kept, sameContentNotice(units))
  },
})

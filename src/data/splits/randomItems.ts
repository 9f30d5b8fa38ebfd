import { Generator } from '../../core/rng.ts'
import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'
import { dealt } from './parts/splitItems.ts'

export default defineSplit({
  id: 'random-items',
  order: 2,
  version: 1,
  usesSeed: true,
  title: 'Random items',
  summary:
    'Keeps items drawn at random, of each class the same share: for images and rows. A text would be torn into letters.',
  of: 'items',
  fields: { fraction: fractionField },
  fits: ({ count }) => count > 1,
  deal({ count: length, labels }, { fraction }, seed) {
    if (length < 2) throw tooShortToSplit(length, 2, 'Choose a larger set.')
    const order = new Generator(seed, 'split').permutation(length)
    const groups = new Map<number, number[]>()
    for (const place of order) {
      const label = labels?.[place] ?? 0
      const group = groups.get(label) ?? []
      group.push(place)
      groups.set(label, group)
    }
    // What a class is owed by its share goes to the next, so that many small classes give as much as one large.
    let owed = 0
    const kept = [...groups.values()].flatMap((group) => {
      owed += group.length * fraction
      // Of a class with one item nothing is kept: it would never be learned.
      const taken = Math.min(Math.round(owed), group.length - 1)
      owed -= taken
      return group.slice(0, taken)
    })
    if (kept.length === 0) kept.push(order[0]!)
    return dealt(length, kept)
  },
})

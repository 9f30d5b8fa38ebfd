import { DataError } from '../../core/errors.ts'
import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'
import { dealt, type SplitItems } from './parts/splitItems.ts'
import {
  oneUnit,
  sameContentNotice,
  shuffled,
  smallestUnit,
  takeUnits,
  unitsOf,
  type Unit,
} from './parts/units.ts'

export default defineSplit({
  id: 'stratified',
  order: 3,
  version: 1,
  usesSeed: true,
  of: 'items',
  title: 'Stratified',
  summary:
    'Keeps the same share of each class, or of each range of a number that is to be predicted, and never parts items that hold the same.',
  fields: {
    fraction: fractionField,
    ranges: {
      type: 'int',
      label: 'Ranges',
      help: 'Numbers are parted into so many ranges with equally many items; classes are taken as they are.',
      default: 10,
      min: 2,
      max: 100,
    },
  },
  fits: ({ count, labels, numbers }) => count > 1 && (labels !== null || numbers !== null),
  deal(items, { fraction, ranges }, seed) {
    const { count } = items
    if (count < 2) throw tooShortToSplit(count, 2, 'Choose a larger set.')
    const units = unitsOf(count, items.contents(null))
    if (units.length < 2) throw oneUnit(count, 'all of them hold the same', 'Choose another set.')
    const stratum = strataOf(items, ranges)
    const strata = new Map<number, Unit[]>()
    const order = shuffled(units, seed)
    for (const unit of order) {
      // Items that hold the same and are of several classes count for the class of their first.
      const of = stratum[unit[0]!]!
      const own = strata.get(of)
      if (own) own.push(unit)
      else strata.set(of, [unit])
    }
    // What one class is owed by its share goes to the next, so that many small classes give as much as one large.
    let owed = 0
    const kept = [...strata.values()].flatMap((own) => {
      const size = own.reduce((sum, unit) => sum + unit.length, 0)
      owed += size * fraction
      // Of a class with one item nothing is kept: it would never be learned.
      const taken = takeUnits(own, Math.min(Math.round(owed), size - 1))
      owed = Math.min(0.5, owed - taken.length)
      return taken
    })
    return dealt(count, kept.length > 0 ? kept : smallestUnit(order), sameContentNotice(units))
  },
})

function strataOf({ count, labels, numbers }: SplitItems, ranges: number): Int32Array {
  if (labels !== null) return labels
  if (numbers === null) {
    throw new DataError('Split: “Stratified” needs classes or a number to be predicted, got items without', {
      code: 'split-kind',
      remedy: 'Choose “Random items”, or name a target with classes or numbers.',
    })
  }
  const byNumber = Array.from({ length: count }, (_, item) => item).sort(
    (a, b) => numbers[a]! - numbers[b]! || a - b,
  )
  const strata = new Int32Array(count)
  byNumber.forEach((item, rank) => (strata[item] = Math.floor((rank * ranges) / count)))
  return strata
}

import { isMissing } from '../table/columns.ts'
import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'
import { columnFor } from './parts/columnFor.ts'
import { dealt, type SplitItems } from './parts/splitItems.ts'
import { oneUnit, shuffled, smallestUnit, takeUnits, unitsOf } from './parts/units.ts'

/** How columns of groups are called. */
const groupColumn =
  /(^|[_ -])(groups?|subject|patient|person|user|customer|author|writer|speaker|session|scene|site|family|caption)([_ -]?(id|no|name))?$/i

export default defineSplit({
  id: 'group',
  order: 4,
  version: 1,
  usesSeed: true,
  of: 'items',
  title: 'By group',
  summary:
    'Keeps whole groups, such as all that comes from one person: what is measured is how well it does on those never met.',
  fields: {
    fraction: fractionField,
    column: {
      type: 'text',
      label: 'Groups',
      help: 'Name of the column that says which items belong together; empty takes one called group, user, patient or the like. Pictures may be grouped by group or caption.',
      default: '',
      maxLength: 200,
      suggests: 'columns',
    },
  },
  fits: (items) => groupsOf(items) !== null,
  deal(items, { fraction, column: wanted }, seed) {
    const { count } = items
    if (count < 2) throw tooShortToSplit(count, 2, 'Choose a larger set.')
    const column = columnFor(items, wanted, { found: groupsOf(items), what: 'groups' })
    const cells = items.cells(column)
    // What is in no group is one by itself.
    const groups = cells.map((cell) => (isMissing(cell) ? '' : cell))
    const units = unitsOf(count, groups, items.contents(column))
    if (units.length < 2) {
      throw oneUnit(
        count,
        `“${column}” holds one group, or its groups hold the same items`,
        'Name another column, or choose another split.',
      )
    }
    const order = shuffled(units, seed)
    const wantedItems = Math.max(1, Math.round(count * fraction))
    const taken = takeUnits(order, Math.min(wantedItems, count - 1))
    const kept = taken.length > 0 ? taken : smallestUnit(order)
    const apart = unitsOf(count, groups).length - units.length
    const notices: string[] = []
    if (apart > 0) {
      const joined = apart === 1 ? '1 group shares' : `${apart} groups share`
      notices.push(`${joined} items of the same content with others, and were kept on one side with them.`)
    }
    if (Math.abs(kept.length - wantedItems) > Math.max(1, wantedItems / 5)) {
      notices.push(
        `${kept.length} items are held out where ${wantedItems} were wanted, since the ${units.length} groups of “${column}” are not parted.`,
      )
    }
    return dealt(count, kept, notices)
  },
})

/** The first column that is called as groups are and in which some items share a value. */
function groupsOf({ columns, cells }: SplitItems): string | null {
  return (
    columns.find((name) => {
      if (!groupColumn.test(name)) return false
      const there = cells(name).filter((cell) => !isMissing(cell))
      const different = new Set(there).size
      return different > 1 && different < there.length
    }) ?? null
  )
}

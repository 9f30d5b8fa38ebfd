import { counted } from '../../core/counted.ts'
import { DataError } from '../../core/errors.ts'
import { isMissing } from '../table/columns.ts'
import { defineSplit } from './defineSplit.ts'
import { columnFor } from './parts/columnFor.ts'
import { decontaminated } from './parts/decontaminated.ts'
import { partOf, type PartName } from './parts/partOf.ts'
import { saysParts } from './parts/saysParts.ts'
import type { Side, SplitItems } from './parts/splitItems.ts'

export default defineSplit({
  id: 'given',
  order: 6,
  version: 2,
  usesSeed: false,
  of: 'items',
  title: 'As given',
  summary:
    'As the data themselves say it: a column with train, validation and test, or files or folders of these names.',
  fields: {
    column: {
      type: 'text',
      label: 'Parts',
      help: 'Name of the column whose values are train, validation (or valid, val, dev) and test; empty finds it. Pictures and tables have one called part where they came in folders or files of these names.',
      default: '',
      maxLength: 200,
      suggests: 'columns',
    },
  },
  fits: (items) => partsOf(items) !== null,
  deal(items, { column: wanted }) {
    const column = columnFor(items, wanted, {
      found: partsOf(items),
      what: 'train, validation and test',
    })
    const parts = items.cells(column).map((cell, item) => readPart(column, cell, item))
    const counts = { train: 0, validation: 0, test: 0, none: 0 }
    for (const part of parts) counts[part ?? 'none']++
    const notices: string[] = []
    // What there is of no other use for must not hide what was learned.
    const measured: PartName = counts.validation > 0 ? 'validation' : 'test'
    if (counts.train === 0 || counts[measured] === 0) throw onePart(column, counts)
    if (counts.validation === 0)
      notices.push(`“${column}” names no validation part: its test part is taken for it.`)
    else if (counts.test > 0)
      notices.push(`${counted(counts.test, 'item is', 'items are')} kept for a test of what was trained.`)
    if (counts.none > 0)
      notices.push(
        `${counted(counts.none, 'item is', 'items are')} left out, being of no part in “${column}”.`,
      )
    const sides = parts.map((part): Side => {
      if (part === measured) return 'validation'
      return part ?? 'neither'
    })
    const given = decontaminated(
      items,
      column,
      sides,
      (item) => parts[item] !== 'train' && parts[item] !== null,
    )
    if (!given.sides.includes('train')) throw nothingLeft(column)
    return {
      sides: given.sides,
      notices: [...notices, ...given.notices, ...sharedNotice(items, column, parts)],
    }
  },
})

/** What a test part shares with the validation part has helped to choose what is tested. */
function sharedNotice(items: SplitItems, column: string, parts: readonly (PartName | null)[]): string[] {
  const contents = items.contents(column)
  const measured = new Set(contents.filter((key, item) => key !== '' && parts[item] === 'validation'))
  const shared = parts.filter((part, item) => part === 'test' && measured.has(contents[item]!)).length
  return shared === 0
    ? []
    : [
        `${counted(shared, 'item', 'items')} of the test part ${shared === 1 ? 'holds' : 'hold'} the same as others of the validation part, by which the best checkpoint is chosen.`,
      ]
}

/** null where nothing is said. @throws DataError `split-column` for another word */
function readPart(column: string, cell: string, item: number): PartName | null {
  if (isMissing(cell)) return null
  const part = partOf(cell)
  if (part !== null) return part
  throw new DataError(
    `Split: “${column}” must say train, validation or test, got "${cell.slice(0, 40)}" for item ${item + 1} of those that are used`,
    {
      code: 'split-column',
      remedy: 'Name another column, or write these words in it.',
      details: { column, item: item + 1 },
    },
  )
}

/** The first column that says it. */
function partsOf({ columns, cells }: SplitItems): string | null {
  return columns.find((name) => saysParts(cells(name))) ?? null
}

function onePart(column: string, counts: Readonly<Record<PartName, number>>): DataError {
  return new DataError(
    `Split: “${column}” must name items to train on and others to measure with, got ${counts.train} for training, ${counts.validation} for validation and ${counts.test} for test`,
    { code: 'split-column', remedy: 'Choose another column, or another split.', details: { column } },
  )
}

function nothingLeft(column: string): DataError {
  return new DataError(
    `Split: nothing is left to train on, since all items of the training part of “${column}” hold the same as some that are held out`,
    { code: 'split-inseparable', remedy: 'Choose another split, or take duplicates out of the data.' },
  )
}

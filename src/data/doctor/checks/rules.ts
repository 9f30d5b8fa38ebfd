import { counted } from '../../../core/counted.ts'
import { nearestName } from '../../../core/schema.ts'
import { showValue } from '../../../core/showValue.ts'
import { isMissing } from '../../table/columns.ts'
import { defineCheck } from '../defineCheck.ts'
import type { Column, DoctorSet } from '../doctorSet.ts'
import { findingOf, type Seen } from '../finding.ts'
import type { ColumnRule } from '../rules.ts'

export default defineCheck({
  id: 'rules',
  order: 5,
  version: 1,
  title: 'Your rules',
  summary: 'What must hold of columns: that they are there, bounds, values, no value twice, none missing.',
  usesRules: true,
  headline: (found) => `${counted(found.length, 'rule does', 'rules do')} not hold.`,
  skipped: (_set, { rules }) => (rules ? null : 'No rules were given.'),
  run: (set, { rules }) => (rules ?? []).flatMap((rule) => [...brokenOf(set, rule)]),
})

function* brokenOf(set: DoctorSet, rule: ColumnRule): Generator<Seen> {
  const column = set.columns.find(({ name }) => name === rule.column)
  if (!column) {
    if (rule.required) yield absent(set, rule.column)
    return
  }
  const there = Array.from(column.cells.keys()).filter((item) => !isMissing(column.cells[item]!))
  const breaking = (items: readonly number[], what: string) =>
    items.length === 0 ? [] : [broken(column, items, what)]
  if (rule.notMissing) {
    const missing = Array.from(column.cells.keys()).filter((item) => isMissing(column.cells[item]!))
    yield* breaking(missing, 'nothing, where no cell may be missing')
  }
  const { min, max, values } = rule
  if (min !== null || max !== null) {
    const isOut = (item: number) => {
      const value = Number(column.cells[item]!)
      return !(value >= (min ?? -Infinity) && value <= (max ?? Infinity))
    }
    yield* breaking(there.filter(isOut), `what is no number ${boundWords(min, max)}`)
  }
  if (values !== null) {
    const allowed = new Set(values)
    const others = there.filter((item) => !allowed.has(column.cells[item]!))
    yield* breaking(others, `what is none of the ${counted(values.length, 'value', 'values')} allowed`)
  }
  if (rule.unique)
    yield* breaking(comeAgain(column.cells, there), 'a value that stands in an earlier row too')
}

function boundWords(min: number | null, max: number | null): string {
  if (min === null) return `up to ${max}`
  return max === null ? `from ${min} on` : `from ${min} to ${max}`
}

function comeAgain(cells: readonly string[], items: readonly number[]): number[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const isAgain = seen.has(cells[item]!)
    seen.add(cells[item]!)
    return isAgain
  })
}

function broken({ name, cells }: Column, items: readonly number[], what: string): Seen {
  const [first] = items
  // What stands there may be anybody's: only its place is told, and who may look at the set finds it there.
  return findingOf({
    severity: 'error',
    message: `${items.length} of ${cells.length} rows hold ${what} in ${name}, first item ${first}.`,
    items,
    values: { column: name },
    fix: { kind: 'drop', items },
    confidence: 1,
  })
}

function absent(set: DoctorSet, wanted: string): Seen {
  const columns = set.columns.map(({ name }) => name)
  const near = nearestName(wanted, columns)
  const help = near === null ? '' : ` Is it ${showValue(near)}?`
  return findingOf({
    severity: 'error',
    message: `There is no column ${showValue(wanted)}, which must be there.${help}`,
    values: { column: wanted },
    fix: { kind: 'keep' },
    confidence: 1,
  })
}

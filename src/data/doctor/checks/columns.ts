import { counted } from '../../../core/counted.ts'
import { isMissing } from '../../table/columns.ts'
import { defineCheck } from '../defineCheck.ts'
import type { Column, DoctorSet } from '../doctorSet.ts'
import { findingOf, type Seen } from '../finding.ts'

/** Share of missing cells that is worth a word. */
const mostMissing = 0.3
/** A column that tells the class of so many items is suspected to hold it. */
const leak = 0.995
/** Each value must come so often on average, or it tells rows apart, not classes. */
const fewestPerValue = 5

export default defineCheck({
  id: 'columns',
  order: 50,
  version: 1,
  title: 'Columns',
  summary: 'Columns that never change, that are mostly missing, or that give the label away.',
  headline: (found) =>
    `${counted(found.length, 'column teaches', 'columns teach')} little, or ${found.length === 1 ? 'gives' : 'give'} the answer away.`,
  skipped: (set) => (set.kind === 'table' ? null : 'The set is no table.'),
  run(set) {
    const inputs = set.columns.filter(({ name, cells }) => name !== set.labels?.name && cells !== set.parts)
    return inputs.flatMap((column) => constant(column) ?? [...missing(column), ...leaking(column, set)])
  },
})

function constant({ name, cells }: Column): Seen | null {
  const there = new Set(cells.filter((cell) => !isMissing(cell)))
  if (there.size > 1 || (there.size === 1 && cells.some(isMissing))) return null
  const message =
    there.size === 0 ? `The column ${name} is empty.` : `The column ${name} has one value in all rows.`
  return findingOf({
    severity: 'warning',
    message,
    fix: { kind: 'drop-column', column: name },
    confidence: 1,
  })
}

function missing({ name, cells }: Column): Seen[] {
  const items = Array.from(cells.keys()).filter((item) => isMissing(cells[item]!))
  const share = items.length / cells.length
  if (share <= mostMissing) return []
  return [
    findingOf({
      severity: 'warning',
      message: `The column ${name} is missing in ${Math.round(100 * share)} % of the rows.`,
      items,
      values: { column: name, share },
      fix: { kind: 'drop-column', column: name },
      confidence: 1,
    }),
  ]
}

/** Whether the commonest label of each value is the label of nearly all rows, and the values come back. */
function leaking({ name, cells }: Column, { labels }: DoctorSet): Seen[] {
  if (labels === null) return []
  const tables = new Map<string, Map<number, number>>()
  let known = 0
  cells.forEach((cell, item) => {
    const label = labels.values[item]!
    if (label < 0 || isMissing(cell)) return
    known++
    const own = tables.get(cell) ?? new Map<number, number>()
    own.set(label, (own.get(label) ?? 0) + 1)
    tables.set(cell, own)
  })
  if (known < fewestPerValue * tables.size || known === 0) return []
  let told = 0
  for (const own of tables.values()) told += Math.max(...own.values())
  // One class must be told by one value, or by few: else any fine grid of values would do.
  if (told / known < leak || tables.size < 2 || tables.size > 2 * labels.classes.length) return []
  return [
    findingOf({
      severity: 'error',
      message: `The column ${name} tells ${labels.name} in ${Math.round((1000 * told) / known) / 10} % of the rows: it may hold the answer.`,
      values: { column: name, share: told / known },
      fix: { kind: 'drop-column', column: name },
      confidence: told / known,
    }),
  ]
}

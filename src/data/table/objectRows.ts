import { isRecord } from '../../core/predicates.ts'
import { parseJson } from '../reading/textField.ts'
import { tableText } from './tableText.ts'

/** Objects without objects inside, but for lists of words, as rows; null where they are something else. */
export function rowsOfObjects(text: string, isLines: boolean): { text: string; broken: number } | null {
  let values: unknown[] = []
  let broken = 0
  if (isLines) {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue
      const parsed = parseJson(line)
      if ('why' in parsed) broken++
      else values.push(parsed.value)
    }
  } else {
    const parsed = parseJson(text)
    if ('why' in parsed || !Array.isArray(parsed.value)) return null
    values = parsed.value
  }
  const names = new Set<string>()
  const objects: Record<string, unknown>[] = []
  for (const value of values) {
    const flat = flattened(value)
    if (flat === null) return null
    for (const name of Object.keys(flat)) names.add(name)
    objects.push(flat)
  }
  if (names.size < 2) return null
  const columns = [...names]
  const rows = objects.map((object) =>
    columns.map((name) => cellOf(Object.hasOwn(object, name) ? object[name] : undefined)),
  )
  return { text: tableText(columns, rows), broken }
}

/** `{"translation": {"en": …, "de": …}}`, as translation sets are written, is the inner object. */
function flattened(value: unknown): Record<string, unknown> | null {
  if (!isRecord(value)) return null
  const cells = Object.values(value)
  // One step only: what lies deeper is no row, however deep it goes.
  const row = cells.length === 1 && isRecord(cells[0]) ? cells[0] : value
  return Object.values(row).some((cell) => typeof cell === 'object' && cell !== null && !isList(cell))
    ? null
    : row
}

/** Of words or numbers: several classes of a row, say. */
function isList(cell: object): boolean {
  return Array.isArray(cell) && cell.every((entry) => typeof entry !== 'object')
}

function cellOf(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value)
  return value === null || value === undefined ? '' : String(value)
}

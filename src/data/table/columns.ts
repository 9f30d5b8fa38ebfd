import type { ColumnCoding } from '../../core/prepared.ts'

/** How tables write that a value is not there (as pandas reads them). */
const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-', '#n/a'])
/** A column with more different words than this is a name or a text, and tells rows apart but teaches nothing. */
export const mostValues = 100
/** How columns of classes are called. */
export const classColumn =
  /^(label|class|category|target|sentiment|topic|intent|tag|emotion|stars?|rating|polarity|spam|toxic|fraud|species|variety|diagnosis|survived|churn(ed)?|exited|attrition|y)$/i

export function isMissing(cell: string): boolean {
  return missing.has(cell.toLowerCase())
}

/** Whether all values that are there are finite numbers, and some are. */
export function isNumeric(cells: readonly string[]): boolean {
  const there = cells.filter((cell) => !isMissing(cell))
  return there.length > 0 && there.every((cell) => Number.isFinite(Number(cell)))
}

/** A column that is called as classes are has at most so many that are numbers. */
const mostCodes = 20

/** Whether numbers stand for classes: 0 and 1, or few different whole ones in a column that is called as classes are. */
export function areCodes(name: string, cells: readonly string[]): boolean {
  const there = cells.filter((cell) => !isMissing(cell))
  const values = new Set(there.map(Number))
  // 1 and 1.0 are one number, and would be two classes.
  if (values.size < new Set(there).size) return false
  if (values.size === 2 && values.has(0) && values.has(1)) return true
  if (!classColumn.test(name) || values.size > mostCodes || 2 * values.size > cells.length) return false
  return [...values].every((value) => Number.isInteger(value))
}

/** Mean and standard deviation of a population of finite numbers, however large. */
export function scaleOf(numbers: readonly number[]): { mean: number; deviation: number } {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length
  if (Number.isFinite(variance) || numbers.length === 0) return { mean, deviation: Math.sqrt(variance) }
  // Sums or squares were too large for a number.
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const { mean: center, deviation } = scaleOf(numbers.map((value) => value / largest))
  return { mean: center * largest, deviation: deviation * largest }
}

/** How a column becomes numbers, from the training part alone; null for one that is always the same, or a text. */
export function codeColumn(name: string, cells: readonly string[]): ColumnCoding | null {
  if (isNumeric(cells)) {
    const numbers = cells.filter((cell) => !isMissing(cell)).map(Number)
    const { mean, deviation } = scaleOf(numbers)
    return deviation > 0 ? { name, kind: 'number', mean, deviation } : null
  }
  const values = [...new Set(cells.map((cell) => (isMissing(cell) ? '' : cell)))].sort()
  return values.length > 1 && values.length <= mostValues ? { name, kind: 'category', values } : null
}

/** Writes a cell into `out` from `at`. What was never seen in training is no category at all. */
export function numbersOf(coding: ColumnCoding, cell: string, out: Float32Array, at: number): void {
  if (coding.kind === 'number') {
    const value = isMissing(cell) ? coding.mean : Number(cell)
    out[at] = Number.isFinite(value) ? standardisedBy(coding, value) : 0
    return
  }
  if (coding.kind === 'text' || coding.kind === 'labels') return
  const place = coding.values.indexOf(isMissing(cell) ? '' : cell)
  if (place >= 0) out[at + place] = 1
}

/** Also where the numbers lie so far apart that their difference is none. */
function standardisedBy({ mean, deviation }: { mean: number; deviation: number }, value: number): number {
  const away = value - mean
  return Number.isFinite(away) ? away / deviation : value / deviation - mean / deviation
}

/** Features that a column becomes. */
export function widthOf(coding: ColumnCoding): number {
  if (coding.kind === 'text' || coding.kind === 'labels') return 0
  return coding.kind === 'number' ? 1 : coding.values.length
}

import type { interval } from './interval.ts'

/** What all seeds of a configuration gave. */
export interface StudyRow {
  readonly name: string
  /** By name, of the last validation. */
  readonly metrics: Readonly<Record<string, ReturnType<typeof interval>>>
}

/** A Markdown table: a row for each, a column for each metric that one of them has. Lines as wide as what they hold. */
export function studyTable(rows: readonly StudyRow[]): string[] {
  const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))]
  const table = [
    ['run', ...names.map((name) => name.replace(/^validation\//, ''))],
    ...rows.map(({ name, metrics }) => [name, ...names.map((metric) => shown(metrics[metric]))]),
  ]
  const widths = table[0]!.map((_, column) => Math.max(3, ...table.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...others] = table
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)]
}

/** Four digits of the mean, and as many places of the half width. */
function shown(found: StudyRow['metrics'][string] | undefined): string {
  if (found === undefined) return ''
  const { mean, halfWidth } = found
  if (!Number.isFinite(mean)) return String(mean)
  const whole = mean === 0 ? 1 : Math.floor(Math.log10(Math.abs(mean))) + 1
  const places = Math.min(20, Math.max(0, 4 - whole))
  return `${mean.toFixed(places)}${halfWidth === null ? '' : ` ± ${halfWidth.toFixed(places)}`}`
}

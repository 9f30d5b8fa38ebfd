import { shownName } from '../../core/shownName.ts'
import type { Diagnosis } from './diagnose.ts'
import type { Finding, Fix } from './finding.ts'

/** More findings of one check than this are counted, not told. */
const mostTold = 10
const marks = { error: 'ERROR', warning: 'warning', info: 'info' } as const

/** What the doctor found, as lines for people: check by check, each finding with what to do. */
export function reportLines(diagnosis: Diagnosis): string[] {
  const { error, warning, info } = diagnosis.bySeverity
  const lines = [
    `${shownName(diagnosis.name)}: ${diagnosis.count} items, ${error} errors, ${warning} warnings, ${info} remarks`,
  ]
  for (const { id, title, skipped } of diagnosis.checks) {
    const own = diagnosis.findings.filter(({ check }) => check === id)
    lines.push('', `${title}: ${skipped ?? (own.length === 0 ? 'nothing found' : own.length)}`)
    for (const finding of own.slice(0, mostTold)) lines.push(`  ${tell(finding)}`)
    if (own.length > mostTold) lines.push(`  … and ${own.length - mostTold} more (--json lists all)`)
  }
  return lines
}

function tell({ severity, message, fix, confidence }: Finding): string {
  return `${marks[severity]}: ${message} ${adviceOf(fix)} (${Math.round(confidence * 100)} % sure)`
}

function adviceOf(fix: Fix): string {
  if (fix.kind === 'relabel') return `Relabel it to “${fix.to}”.`
  if (fix.kind === 'drop-column') return `Leave out the column ${fix.column}.`
  if (fix.kind === 'keep') return 'Keep it if it is meant.'
  return fix.items.length === 1 ? `Drop item ${fix.items[0]}.` : `Drop ${fix.items.length} items.`
}

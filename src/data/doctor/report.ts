import type { Diagnosis, Finding } from '../../core/finding.ts'
import { adviceOf, severityWords } from '../../core/findingWords.ts'
import { shownName } from '../../core/shownName.ts'

/** More findings of one check than this are counted, not told. */
const mostTold = 10
const marks = { error: 'ERROR', warning: 'warning', info: 'info' } as const

/** What the doctor found, as lines for people: check by check, each finding with what to do. */
export function reportLines(diagnosis: Diagnosis): string[] {
  const lines = [
    `${shownName(diagnosis.name)}: ${diagnosis.count} items, ${severityWords(diagnosis.bySeverity)}`,
  ]
  for (const { id, title, headline, skipped } of diagnosis.checks) {
    const own = diagnosis.findings.filter(({ check }) => check === id)
    lines.push('', `${title}: ${skipped ?? (own.length === 0 ? 'nothing found' : headline)}`)
    for (const finding of own.slice(0, mostTold)) lines.push(`  ${tell(finding)}`)
    if (own.length > mostTold)
      lines.push(`  … and ${own.length - mostTold} more (--json and --html list more)`)
  }
  return lines
}

function tell({ severity, message, fix, confidence }: Finding): string {
  return `${marks[severity]}: ${message} ${adviceOf(fix)} (${Math.round(confidence * 100)} % sure)`
}

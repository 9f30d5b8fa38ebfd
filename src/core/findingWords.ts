import { counted } from './counted.ts'
import type { Fix, Severity } from './finding.ts'

/** What a fix says to do, as a sentence. */
export function adviceOf(fix: Fix): string {
  if (fix.kind === 'relabel') return `Relabel it to “${fix.to}”.`
  if (fix.kind === 'drop-column') return `Leave out the column ${fix.column}.`
  if (fix.kind === 'keep') return 'Keep it if it is meant.'
  return fix.items.length === 1 ? `Drop item ${fix.items[0]}.` : `Drop ${fix.items.length} items.`
}

/** `1 error, 12 warnings, 0 remarks`. */
export function severityWords(bySeverity: Readonly<Record<Severity, number>>): string {
  const { error, warning, info } = bySeverity
  return [
    counted(error, 'error', 'errors'),
    counted(warning, 'warning', 'warnings'),
    counted(info, 'remark', 'remarks'),
  ].join(', ')
}

import {
  severities,
  type CheckResult,
  type Diagnosis,
  type Finding,
  type Severity,
} from '../../core/finding.ts'

/** All that one check found. */
export interface Group {
  readonly check: CheckResult
  /** Of its worst finding. */
  readonly severity: Severity
  readonly findings: readonly Finding[]
}

/** The checks that found something, the worst first, then in their order. */
export function groupsOf({ checks, findings }: Pick<Diagnosis, 'checks' | 'findings'>): Group[] {
  const rank = ({ severity }: { severity: Severity }) => severities.indexOf(severity)
  return checks
    .flatMap((check): Group[] => {
      const own = findings.filter((finding) => finding.check === check.id)
      const [worst] = [...own].sort((a, b) => rank(a) - rank(b))
      return worst ? [{ check, severity: worst.severity, findings: own }] : []
    })
    .sort((a, b) => rank(a) - rank(b))
}

/** Whether something can be done about items, rather than about a column or the set. */
export function changesItems({ fix }: Finding): boolean {
  return fix.kind === 'drop' || fix.kind === 'relabel'
}

/** What the button says that takes all suggestions of findings at once; null where they have none for items. */
export function takeAllWords(findings: readonly Finding[]): string | null {
  const own = findings.filter(changesItems)
  if (own.length === 0) return null
  const labels = own.filter(({ fix }) => fix.kind === 'relabel').length
  if (labels === own.length)
    return labels === 1 ? 'Take the suggested label' : `Take all ${labels} suggested labels`
  if (labels > 0) return `Take all ${own.length} suggestions`
  const isButFirst = own.every(({ fix, count }) => fix.kind === 'drop' && fix.items.length === count - 1)
  if (isButFirst) return own.length === 1 ? 'Drop all but the first' : 'Drop all but the first of each'
  const items = new Set(own.flatMap(({ fix }) => (fix.kind === 'drop' ? fix.items : []))).size
  return items === 1 ? 'Drop it' : `Drop all ${items}`
}

import {
  severities,
  type CheckResult,
  type Diagnosis,
  type Finding,
  type Severity,
} from '../../core/finding.ts'
import type { Check, CheckOptions } from './defineCheck.ts'
import type { DoctorSet } from './doctorSet.ts'

/** What one check says, with all that it found. Plain JSON. */
export interface Checked {
  readonly result: CheckResult
  readonly findings: readonly Finding[]
}

export function runCheck(check: Check, set: DoctorSet, options: CheckOptions): Checked {
  const { id, title } = check
  const skipped = check.skipped(set, options)
  const found = skipped === null ? check.run(set, options) : []
  const headline = found.length === 0 ? '' : check.headline(found)
  return {
    result: { id, title, findings: found.length, headline, skipped },
    findings: found.map((finding) => ({ check: id, ...finding })),
  }
}

/** What checks said of a set, in their order, as one. Its name is not of its content, and is added by who knows it. */
export function joinChecked(set: DoctorSet, checked: readonly Checked[]): Omit<Diagnosis, 'name'> {
  const rank = ({ severity }: Finding) => severities.indexOf(severity)
  const findings = checked.flatMap((each) => each.findings).sort((a, b) => rank(a) - rank(b))
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  return {
    kind: set.kind,
    count: set.count,
    labels: set.labels && { column: set.labels.name, classes: set.labels.classes },
    checks: checked.map(({ result }) => result),
    findings,
    bySeverity: { error: count('error'), warning: count('warning'), info: count('info') },
  }
}

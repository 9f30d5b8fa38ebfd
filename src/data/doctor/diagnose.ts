import { throwIfCancelled } from '../cancel.ts'
import { checks } from './checks.ts'
import type { DoctorSet } from './doctorSet.ts'
import { severities, type Finding, type Severity } from './finding.ts'

/** What the doctor says of a set. Plain JSON. */
export interface Diagnosis {
  readonly name: string
  readonly kind: string
  readonly count: number
  /** Each check, in order: how many findings it has, or why it did not look. */
  readonly checks: readonly { id: string; title: string; findings: number; skipped: string | null }[]
  /** Errors first; within a check as the check gave them. */
  readonly findings: readonly Finding[]
  readonly bySeverity: Readonly<Record<Severity, number>>
}

export interface DiagnoseOptions {
  readonly seed: number
  readonly signal?: AbortSignal
  onProgress?(progress: { check: string; share: number }): void
}

/** Runs all checks over a set. Deterministic by seed. Throws `cancelled`. */
export function diagnose(set: DoctorSet, options: DiagnoseOptions): Diagnosis {
  const findings: Finding[] = []
  const looked = checks.all.map((check) => {
    throwIfCancelled(options.signal)
    options.onProgress?.({ check: check.id, share: 0 })
    const skipped = check.skipped(set)
    const own =
      skipped !== null
        ? []
        : check.run(set, {
            seed: options.seed,
            signal: options.signal,
            onProgress: (share) => options.onProgress?.({ check: check.id, share }),
          })
    findings.push(...own.map((finding) => ({ check: check.id, ...finding })))
    return { id: check.id, title: check.title, findings: own.length, skipped }
  })
  const rank = (finding: Finding) => severities.indexOf(finding.severity)
  const bySeverity = Object.fromEntries(
    severities.map((severity) => [
      severity,
      findings.filter((finding) => finding.severity === severity).length,
    ]),
  ) as Record<Severity, number>
  return {
    name: set.name,
    kind: set.kind,
    count: set.count,
    checks: looked,
    findings: findings.sort((a, b) => rank(a) - rank(b)),
    bySeverity,
  }
}

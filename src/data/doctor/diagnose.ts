import type { Diagnosis } from '../../core/finding.ts'
import { throwIfCancelled } from '../cancel.ts'
import { checks } from './checks.ts'
import type { DoctorSet } from './doctorSet.ts'
import type { Rules } from './rules.ts'
import { joinChecked, runCheck } from './runCheck.ts'

export interface DiagnoseOptions {
  readonly seed: number
  readonly rules?: Rules | null
  readonly signal?: AbortSignal
  onProgress?(progress: { check: string; share: number }): void
}

/** Runs all checks over a set. Deterministic by seed. Throws `cancelled`. */
export function diagnose(set: DoctorSet, options: DiagnoseOptions): Diagnosis {
  const { seed, rules = null, signal, onProgress } = options
  const checked = checks.all.map((check) => {
    throwIfCancelled(signal)
    const report = (share: number) => onProgress?.({ check: check.id, share })
    report(0)
    return runCheck(check, set, { seed, rules, signal, onProgress: report })
  })
  return { name: set.name, ...joinChecked(set, checked) }
}

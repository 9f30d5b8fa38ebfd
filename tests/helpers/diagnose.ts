import type { Diagnosis } from '../../src/core/finding.ts'
import { checks } from '../../src/data/doctor/checks.ts'
import type { DoctorSet } from '../../src/data/doctor/doctorSet.ts'
import { joinChecked, runCheck } from '../../src/data/doctor/runCheck.ts'

/** All checks over a set, one after the other: what `examine` is held against, which keeps each as a step. */
export function diagnose(set: DoctorSet, { seed }: { readonly seed: number }): Diagnosis {
  const checked = checks.all.map((check) => runCheck(check, set, { seed, rules: null }))
  return { name: set.name, ...joinChecked(set, checked) }
}

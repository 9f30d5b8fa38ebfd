import { median } from '../../core/median.ts'
import type { StepProfile } from './types.ts'

type Dispatch = NonNullable<StepProfile['dispatches']>[number]

/**
 * One profile of several steps of one recording: each dispatch, and the pause after it, takes its median, so that a moment
 * in which the machine did something else does not stand as a kernel's time. The rest is the last step's.
 *
 * @param profiles at least one, with the same dispatches
 */
export function medianProfile(profiles: readonly StepProfile[]): StepProfile {
  const last = profiles.at(-1)!
  if (last.dispatches === null) return last
  const all = profiles.flatMap(({ dispatches }) => (dispatches === null ? [] : [dispatches]))
  let startMs = 0
  const dispatches = last.dispatches.map((dispatch, i): Dispatch => {
    const same = all.flatMap((one) => one[i] ?? [])
    const next = all.flatMap((one) => one[i + 1] ?? [])
    const durationMs = median(same.map((one) => one.durationMs))
    const placed = { ...dispatch, startMs, durationMs }
    const steps = next.map((one, n) => one.startMs - same[n]!.startMs - same[n]!.durationMs)
    startMs += durationMs + (steps.length > 0 ? median(steps) : 0)
    return placed
  })
  return { ...last, dispatches }
}

import type { RunState } from '../../runs/runState.svelte.ts'
import { formatCount, formatSize } from '../format.ts'

type Phase = NonNullable<RunState['phase']>

/** `compiling 12 of 31`, `reading data 12 MB of 40 MB`, `evaluating 3 of 8`. */
export function phaseText(phase: Phase): string {
  if (phase.unit === '' || (phase.done === 0 && phase.total === 0)) return phase.name
  const amount = phase.unit === 'bytes' ? formatSize : (value: number) => formatCount(value)
  return phase.total > 0
    ? `${phase.name} ${amount(phase.done)} of ${amount(phase.total)}`
    : `${phase.name} ${amount(phase.done)}`
}

/** Share of a phase that is done; null when it does not know. */
export function phaseShare(phase: Phase): number | null {
  return phase.total > 0 ? Math.min(1, phase.done / phase.total) : null
}

import type { Lab } from '../../runs/lab.svelte.ts'
import { steering } from '../run/steering.svelte.ts'
import { sheets } from '../train/sheets.svelte.ts'

/** Whether the line “Performance” is unfolded; for all runs of a visit. */
export const lens: { isOpen: boolean } = $state({ isOpen: false })

/** Why no step can be measured now; null when one can. */
export function measureProblem(lab: Lab): string | null {
  const { run } = lab
  if (run?.status === 'preparing') return 'The run is being prepared'
  if (run?.status !== 'running' && run?.status !== 'paused') return 'No run is going on'
  return steering.pending(run) === 'profile' ? 'A step is being measured' : null
}

/** Times the parts of the run's next update, and shows them. A paused run does that one update. */
export function measureStep(lab: Lab): void {
  if (measureProblem(lab) !== null) return
  lens.isOpen = true
  sheets.shown = 'results'
  void steering.send(lab, { type: 'profile' })
}

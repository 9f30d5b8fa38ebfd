import type { RunConfig } from '../../core/runConfig.ts'
import type { Lab } from '../../runs/lab.svelte.ts'

/** Whether what a run trains writes text, so that there are samples of it. */
export function canWrite({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): boolean {
  return draft?.catalog.tasks.find(({ id }) => id === task)?.canWrite ?? true
}

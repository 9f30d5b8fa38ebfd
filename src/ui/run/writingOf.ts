import type { RunConfig } from '../../core/runConfig.ts'
import type { Lab } from '../../runs/lab.svelte.ts'

/** What a run's model writes: how a prompt goes on, another text in its place, or nothing. */
export type Writing = 'on' | 'anew' | null

/** Whether its held-out items can be searched. */
export function canSearch({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): boolean {
  return draft?.catalog.tasks.find(({ id }) => id === task)?.canSearch === true
}

/** Whether its data may have a test part: a running text has none. */
export function canTest({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): boolean {
  const entry = draft?.catalog.tasks.find(({ id }) => id === task)
  return entry?.dataKinds.some((kind) => kind !== 'text') === true
}

export function writingOf({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): Writing {
  const entry = draft?.catalog.tasks.find(({ id }) => id === task)
  if (entry?.canWrite === false) return null
  return entry?.isRewriting ? 'anew' : 'on'
}

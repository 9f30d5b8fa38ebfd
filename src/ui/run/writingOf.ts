import type { RunConfig } from '../../core/runConfig.ts'
import type { Lab } from '../../runs/lab.svelte.ts'
import type { DatasetManifest } from '../dataset/sets.ts'

/** What a run's model writes: how a prompt goes on, another text in its place, or nothing. */
export type Writing = 'on' | 'anew' | null

/** Whether its held-out items can be searched. */
export function canSearch({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): boolean {
  return draft?.catalog.tasks.find(({ id }) => id === task)?.canSearch === true
}

/** What its checkpoints can be measured on. */
export interface Tests {
  /** Whether its own data may have a test part: a running text has none. */
  readonly isOwn: boolean
  /** Stored sets of its kind that are not its own. */
  readonly others: readonly DatasetManifest[]
}

export function testsOf({ draft, datasets }: Pick<Lab, 'draft' | 'datasets'>, config: RunConfig): Tests {
  const { source } = config.data
  const kinds = draft?.catalog.tasks.find(({ id }) => id === config.task)?.dataKinds ?? []
  return {
    isOwn: kinds.some((kind) => kind !== 'text'),
    others: datasets.list.filter(
      ({ kind, sha256 }) => kinds.includes(kind) && !(source.kind === 'stored' && source.sha256 === sha256),
    ),
  }
}

export function canTest(lab: Pick<Lab, 'draft' | 'datasets'>, config: RunConfig): boolean {
  const { isOwn, others } = testsOf(lab, config)
  return isOwn || others.length > 0
}

export function writingOf({ draft }: Pick<Lab, 'draft'>, { task }: RunConfig): Writing {
  const entry = draft?.catalog.tasks.find(({ id }) => id === task)
  if (entry?.canWrite === false) return null
  return entry?.isRewriting ? 'anew' : 'on'
}

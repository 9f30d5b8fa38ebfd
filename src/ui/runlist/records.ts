import type { RunList } from '../../runs/runList.svelte.ts'

/** Stored things, as the list of runs gives them. */
export type RunRecord = RunList['list'][number]
export type StoredStatus = RunRecord['status']
export type CheckpointInfo = Awaited<ReturnType<RunList['checkpoints']>>[number]

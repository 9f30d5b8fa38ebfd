import type { Lab } from '../../runs/lab.svelte.ts'
import type { RunRecord } from './records.ts'

/** Why a stored run cannot go on now; null when it can. */
export function continueProblem(lab: Lab, record: RunRecord): string | null {
  if (!lab.trainer) return 'Still starting'
  if (lab.isTraining) return 'Another run is going on'
  if (record.status === 'preparing' || record.status === 'running' || record.status === 'paused') {
    return 'It goes on in another tab'
  }
  if (record.step >= record.totalSteps) return 'It has done all its steps'
  const source = record.config.data.source
  if (source.kind === 'stored' && !lab.datasets.find(source.sha256)) {
    return `Drop ${source.name || 'its data set'} on the page first`
  }
  return null
}

import { namedTokenizer } from '../../core/namedTokenizer.ts'
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
  const tokenizer = namedTokenizer(record.config.data)
  if (tokenizer !== null && lab.datasets.findTokenizer(tokenizer.sha256) === null) {
    return `Drop ${tokenizer.name || 'its tokenizer.json'} on the page first`
  }
  return null
}

/** What continuing here changes, where the steps so far were another device's; null where it changes nothing. */
export function continueWarning(lab: Lab, record: RunRecord): { title: string; detail: string } | null {
  const { device } = lab
  const former = record.device
  if (!device || !former || record.step === 0 || continueProblem(lab, record) !== null) return null
  if (former.name === device.name && former.backend === device.backend) return null
  const isDemoted = former.backend === 'webgpu' && device.backend === 'cpu'
  return {
    title: `This run was trained on ${former.name}. Continued here, it goes on on ${device.name}.`,
    detail: `It begins at the exact step and keeps all it has learned, but the two round otherwise: losses will be close to those of an undisturbed run, not equal to the last digit.${isDemoted ? ' It will also be slow. With the GPU back, reload the page first.' : ''}`,
  }
}

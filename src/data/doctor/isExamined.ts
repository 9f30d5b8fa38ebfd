import type { StepStore } from '../../core/steps.ts'
import { sourceNode } from '../steps/stepNode.ts'

/** Id of the step that says what all checks found. */
export const diagnosisStep = 'doctor/diagnosis'

/** Whether a set was examined and what was found is kept, by whatever version: no check is loaded to ask. */
export async function isExamined(store: StepStore, sha256: string): Promise<boolean> {
  const { key } = sourceNode(sha256, null)
  const records = await store.records(diagnosisStep)
  return records.some(({ identity, state }) => state === 'kept' && identity.inputs['content'] === key)
}

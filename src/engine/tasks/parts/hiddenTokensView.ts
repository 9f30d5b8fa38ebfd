import type { TaskView } from '../../../core/taskView.ts'
import type { MeasuredBatch } from '../defineTask.ts'

/** Some texts with what was hidden of them, and what the model took it for. */
export function viewHiddenTokens(batches: readonly MeasuredBatch[]): TaskView | null {
  const texts = batches.flatMap((batch) => batch.recalled ?? [])
  return texts.length === 0 ? null : { kind: 'hidden-tokens', texts }
}

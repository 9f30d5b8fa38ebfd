import type { TaskView } from '../../../core/taskView.ts'
import type { MeasuredBatch } from '../defineTask.ts'

const shown = 12

/** Some texts with what was made of them, and what was looked at meanwhile. */
export function viewTranslations(batches: readonly MeasuredBatch[]): TaskView | null {
  const written = batches.flatMap((batch) => batch.written ?? [])
  if (written.length === 0) return null
  return { kind: 'translations', texts: written.slice(0, shown) }
}

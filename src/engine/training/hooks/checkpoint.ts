import { hasNonFinite } from '../../ops/nonFinite.ts'
import { divergence } from '../divergence.ts'
import type { Hook } from '../runContext.ts'

/** Keeps the latest state every so often and at the end, and the best one when an evaluation was the best so far. */
export default {
  name: 'checkpoint',
  isDue: (context) => isLatestDue(context) || isBest(context),
  async *run(context) {
    const { session, host, progress, controls } = context
    const slots = [
      ...(isBest(context) ? (['best'] as const) : []),
      ...(isLatestDue(context) ? (['latest'] as const) : []),
    ]
    yield { type: 'phase', phase: { name: 'saving', done: 0, total: slots.length, unit: '' } }
    const tensors = await session.exportState()
    // The update after the last loss that was read may have broken them: what was saved before must not be replaced.
    const broken = [...tensors].find(([, { data }]) => data instanceof Float32Array && hasNonFinite(data))
    if (broken) {
      throw divergence({ step: progress.step, what: 'the update broke the weights', tensor: broken[0] })
    }
    for (const slot of slots) {
      const saved = await host.saveCheckpoint({ slot, progress: structuredClone(progress), tensors })
      if (saved) yield { type: 'checkpoint', step: progress.step, slot, sizeBytes: saved.sizeBytes }
    }
    // One that came in the meantime, while only the best was being kept, is still to be met.
    if (slots.includes('latest')) controls.demands.delete('checkpoint')
  },
} satisfies Hook

function isLatestDue({
  progress,
  config,
  isEndOfRun,
  isEndOfStage,
  stopReason,
  controls,
}: Parameters<Hook['isDue']>[0]): boolean {
  return (
    isEndOfRun ||
    isEndOfStage ||
    stopReason !== null ||
    progress.step % config.evaluation.checkpointEvery === 0 ||
    controls.demands.has('checkpoint')
  )
}

function isBest({ evaluation, progress }: Parameters<Hook['isDue']>[0]): boolean {
  return evaluation !== null && progress.best?.step === progress.step
}

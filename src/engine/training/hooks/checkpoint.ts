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
    for (const slot of slots) {
      const saved = await host.saveCheckpoint({ slot, progress: structuredClone(progress), tensors })
      if (saved) yield { type: 'checkpoint', step: progress.step, slot, sizeBytes: saved.sizeBytes }
    }
    controls.demands.delete('checkpoint')
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

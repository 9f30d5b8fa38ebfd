import { hasNonFinite } from '../../ops/nonFinite.ts'
import { divergence } from '../divergence.ts'
import type { Hook } from '../runContext.ts'
import { watchWeights } from '../watchWeights.ts'
import { goesBack } from './restoreBest.ts'

/** Slow steps must not mean that much is lost when a tab is closed. */
const longestUnkeptMs = 60_000
/** A big model's checkpoint takes a while: at most this share of the time goes into keeping by the clock. */
const longestShare = 1 / 20

/**
 * Keeps the latest state every so many steps, every minute and at the end, and the best one when an evaluation was the
 * best so far.
 */
export default {
  name: 'checkpoint',
  isDue: (context) => isLatestDue(context) || isBest(context),
  async *run(context) {
    const { session, host, progress, controls, lastKept } = context
    const startedAt = host.now()
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
    watchWeights(context, tensors)
    if (isBest(context) && context.config.stages.some(goesBack))
      context.kept.best = { step: progress.step, tensors }
    for (const slot of slots) {
      const saved = await host.saveCheckpoint({ slot, progress: structuredClone(progress), tensors })
      if (saved) yield { type: 'checkpoint', step: progress.step, slot, sizeBytes: saved.sizeBytes }
    }
    // A demand that came in the meantime, while only the best was being kept, is still to be met.
    if (!slots.includes('latest')) return
    controls.demands.delete('checkpoint')
    lastKept.atMs = host.now()
    lastKept.tookMs = lastKept.atMs - startedAt
  },
} satisfies Hook

function isLatestDue({
  progress,
  config,
  isEndOfRun,
  isEndOfStage,
  stopReason,
  controls,
  host,
  lastKept,
}: Parameters<Hook['isDue']>[0]): boolean {
  const patienceMs = Math.max(longestUnkeptMs, lastKept.tookMs / longestShare)
  return (
    isEndOfRun ||
    isEndOfStage ||
    stopReason !== null ||
    progress.step % config.evaluation.checkpointEvery === 0 ||
    controls.demands.has('checkpoint') ||
    host.now() - lastKept.atMs > patienceMs
  )
}

function isBest({ evaluation, progress }: Parameters<Hook['isDue']>[0]): boolean {
  return evaluation !== null && progress.best?.step === progress.step
}

import type { RunState } from '../../runs/runState.svelte.ts'
import type { Series } from '../../runs/series.ts'
import { formatCount, formatNumber } from '../format.ts'

export type Trend = 'falling' | 'flat' | 'rising'

/**
 * Where a curve is going: mean of its last points against the mean of as many before. Flat within half a percent, or
 * within the noise of the points themselves.
 */
export function trendOf(values: ArrayLike<number>, width = 50): Trend | null {
  const span = Math.min(width, Math.floor(values.length / 2))
  if (span < 2) return null
  const recent = statistics(values, values.length - span, values.length)
  const before = statistics(values, values.length - 2 * span, values.length - span)
  const change = recent.mean - before.mean
  if (!Number.isFinite(change)) return null
  const noise = Math.sqrt((recent.variance + before.variance) / span)
  if (Math.abs(change) <= Math.max(Math.abs(before.mean) * 0.005, noise)) return 'flat'
  return change < 0 ? 'falling' : 'rising'
}

function statistics(values: ArrayLike<number>, from: number, to: number): { mean: number; variance: number } {
  const count = to - from
  let mean = 0
  for (let i = from; i < to; i++) mean += values[i]! / count
  let variance = 0
  for (let i = from; i < to; i++) variance += (values[i]! - mean) ** 2 / count
  return { mean, variance }
}

/** A run in a sentence, for screen readers: `step 500 of 3 000, loss 2.310, falling`. */
export function summaryOf(run: RunState): string {
  if (run.status === 'preparing') return run.phase ? run.phase.name : 'preparing'
  const parts = [`step ${formatCount(run.step)} of ${formatCount(run.totalSteps)}`]
  const series: Series | undefined = run.series.get('train/loss')
  const loss = series?.last ?? null
  if (series && loss !== null) {
    parts.push(`loss ${formatNumber(loss)}`)
    const trend = trendOf(series.values)
    if (trend) parts.push(trend)
  }
  if (run.status !== 'running') parts.unshift(run.status)
  return parts.join(', ')
}

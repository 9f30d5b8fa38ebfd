import { formatCount, formatDuration, formatNumber } from '../format.ts'
import type { Curve, Panel } from './panels.ts'

/** A chart in words: "Loss. train: from 4.31 at step 1 to 1.62 at step 2 400, lowest 1.59 at step 2 310, falling." */
export function summarize(panel: Panel): string {
  const curves = panel.curves.filter((curve) => curve.series.length > 0)
  if (curves.length === 0) return `${panel.title}. No values yet.`
  return `${panel.title}. ${curves.map(describe).join(' ')}`
}

/** "falling", "rising" or "level", from the means of the last and the last but one tenth of the values. */
export function trendOf(values: Float64Array): 'falling' | 'rising' | 'level' {
  const tenth = Math.max(1, Math.floor(values.length / 10))
  const late = mean(values.subarray(values.length - tenth))
  const before = mean(values.subarray(Math.max(0, values.length - 2 * tenth), values.length - tenth))
  const change = (late - before) / Math.max(Math.abs(before), 1e-12)
  if (!Number.isFinite(change) || Math.abs(change) < 0.002) return 'level'
  return change < 0 ? 'falling' : 'rising'
}

function describe({ label, series }: Curve): string {
  const { steps, values } = series
  const last = values.length - 1
  const at = (index: number) => `${formatNumber(values[index]!)} at step ${formatCount(steps[index]!)}`
  if (last === 0) return `${label}: ${at(0)}.`
  let lowest = -1
  for (let i = 0; i <= last; i++) {
    if (Number.isFinite(values[i]) && (lowest < 0 || values[i]! < values[lowest]!)) lowest = i
  }
  const least = lowest < 0 ? '' : `, lowest ${at(lowest)}`
  return `${label}: from ${at(0)} to ${at(last)}${least}, ${trendOf(values)}.`
}

function mean(values: Float64Array): number {
  let sum = 0
  let count = 0
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    sum += value
    count++
  }
  return sum / count
}

/** What the cursor reads, for a screen reader: "step 1 240: train 2.31, validation 2.40". */
export function spokenValues(
  panel: Panel,
  readings: readonly ({ step: number; shown: number } | null)[],
): string {
  const first = readings.find((reading) => reading !== null)
  if (!first) return 'no values yet'
  const values = readings.flatMap((reading, i) =>
    reading ? [`${panel.curves[i]!.label} ${formatNumber(reading.shown)}`] : [],
  )
  return `step ${formatCount(first.step)}: ${values.join(', ')}`
}

/** Where the cursor stands: "step 1 240", with the time where there is room. A curve with a value at every step knows best. */
export function placeOf(
  panel: Panel,
  readings: readonly ({ step: number; elapsedMs: number } | null)[],
  hasTime: boolean,
): string {
  const dense = readings.find((reading, i) => reading && panel.curves[i]!.isDense)
  const at = dense ?? readings.find((reading) => reading !== null)
  if (!at) return ''
  const step = `step ${formatCount(at.step)}`
  return hasTime ? `${step} · ${formatDuration(at.elapsedMs)}` : step
}

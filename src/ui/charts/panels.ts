import type { Series } from '../../runs/series.ts'
import type { RunState } from '../../runs/runState.svelte.ts'
import { metricName, metricTitle, splitMetric } from './metricNames.ts'

/** One line of a chart. */
export interface Curve {
  /** Unique in its chart. */
  key: string
  label: string
  series: Series
  /** Any CSS colour; custom properties are resolved when it is drawn. */
  color: string
  dash: readonly number[]
  /** Noisy values of every step: drawn faint with a smoothed line on top, and broken where the run was paused. */
  isDense: boolean
  /** Measured now and then: each value is marked. */
  isSparse: boolean
  /** Of the run that this one left: drawn lightly. */
  isPast?: boolean
  pauses: readonly number[]
}

/** One chart. */
export interface Panel {
  key: string
  title: string
  unit: string
  curves: Curve[]
}

/** A run with what it looks like. */
export interface Strand {
  run: RunState
  name: string
  /** Index into the series colours. */
  color: number
}

/** The colour of a run, everywhere. */
export function runColor(index: number): string {
  return `var(--series-${(index % 8) + 1})`
}

const dashes = [[], [], [], [6, 3], [2, 3], [8, 3, 2, 3], [4, 4], [10, 4]]

/** Tells the later colours apart where colours alone would not. */
export function runDash(index: number): readonly number[] {
  return dashes[index % 8]!
}

/**
 * One run: a chart for each measure, training in the run's colour and held-out data in ink.
 *
 * @param past what was measured before the run left another
 */
export function panelsOfRun(
  run: Pick<RunState, 'series' | 'happenings'>,
  color: string,
  past: ReadonlyMap<string, Series> = new Map(),
): Panel[] {
  const panels = new Map<string, Panel>()
  for (const [metric, series] of run.series) {
    const { part, measure } = splitMetric(metric)
    const { title, unit } = metricName(measure)
    const panel = panels.get(measure) ?? { key: measure, title, unit, curves: [] }
    panels.set(measure, panel)
    const isOwn = part === '' || part === 'train'
    const label = part === '' ? title.toLowerCase() : part
    const curve = {
      key: metric,
      label,
      series,
      color: isOwn ? color : 'var(--text)',
      dash: [],
      ...howOften(metric),
      pauses: pausesOf(run),
    }
    const before = past.get(metric)
    if (before)
      panel.curves.push({
        ...curve,
        key: `${metric}@before`,
        label: `${label} before`,
        series: before,
        isPast: true,
        pauses: [],
      })
    panel.curves.push(curve)
  }
  return inOrder(panels)
}

/** Several runs: a chart for each metric, a line for each run. */
export function panelsOfStrands(strands: readonly Strand[]): Panel[] {
  const panels = new Map<string, Panel>()
  for (const { run, name, color } of strands) {
    for (const [metric, series] of run.series) {
      const panel = panels.get(metric) ?? {
        key: metric,
        title: metricTitle(metric),
        unit: metricName(splitMetric(metric).measure).unit,
        curves: [],
      }
      panels.set(metric, panel)
      panel.curves.push({
        key: run.id,
        label: name,
        series,
        color: runColor(color),
        dash: strands.length > 1 ? runDash(color) : [],
        ...howOften(metric),
        pauses: pausesOf(run),
      })
    }
  }
  return inOrder(panels)
}

/** Held-out measures come now and then; the learning rate is set by a schedule; the rest is noisy, at every step. */
function howOften(metric: string): Pick<Curve, 'isDense' | 'isSparse'> {
  const { part, measure } = splitMetric(metric)
  const isSparse = part !== '' && part !== 'train'
  return { isSparse, isDense: !isSparse && measure !== 'learningRate' }
}

/** Steps at which the run was paused. */
export function pausesOf(run: Pick<RunState, 'happenings'>): number[] {
  return run.happenings.filter((happening) => happening.title === 'Paused').map(({ step }) => step)
}

function inOrder(panels: ReadonlyMap<string, Panel>): Panel[] {
  const rank = (panel: Panel) => metricName(splitMetric(panel.key).measure).rank
  const isHeldOut = (panel: Panel) => (splitMetric(panel.key).part === 'validation' ? 0 : 1)
  return [...panels.values()].sort((a, b) => rank(a) - rank(b) || isHeldOut(a) - isHeldOut(b))
}

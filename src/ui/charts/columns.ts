import { align, type Aligned, type Points } from './align.ts'
import type { Curve } from './panels.ts'
import { Smoother } from './smoothing.ts'
import { nearestIndex, thin, visibleSpan } from './thinning.ts'

/** How a chart's axes stand. */
export interface Axes {
  axis: 'step' | 'time'
  isLogX: boolean
  isLogY: boolean
  zoom: readonly [number, number] | null
  smoothing: number
}

/** One drawn column: the raw values or the smoothed ones of a curve. */
export interface Stroke {
  curve: Curve
  isFaint: boolean
}

/** What is drawn for these curves, in order: faint raw values first, so that lines lie on top. */
export function strokesOf(curves: readonly Curve[], smoothing: number): Stroke[] {
  return curves.flatMap((curve) =>
    curve.isDense && smoothing > 0
      ? [
          { curve, isFaint: true },
          { curve, isFaint: false },
        ]
      : [{ curve, isFaint: false }],
  )
}

/** The curves as uPlot's data, in the order of {@link strokesOf}: thinned to `widthPx`, with gaps as null. */
export function columnsOf(curves: readonly Curve[], axes: Axes, widthPx: number): Aligned {
  return align(curves.map((curve) => pointsOf(curve, axes, Math.max(50, Math.round(widthPx)))))
}

/** x of every point: steps, or milliseconds of training. Valid until the series grows. */
export function xsOf(curve: Curve, axis: 'step' | 'time'): Float64Array {
  return axis === 'step' ? curve.series.steps : curve.series.elapsedMs
}

/** Both values of a curve at the point nearest to `x`; null before its first point. */
export function readAt(
  curve: Curve,
  axes: Pick<Axes, 'axis' | 'smoothing'>,
  x: number,
): { step: number; elapsedMs: number; raw: number; shown: number } | null {
  const xs = xsOf(curve, axes.axis)
  const index = nearestIndex(xs, x)
  if (index < 0 || x < xs[0]!) return null
  return {
    step: curve.series.steps[index]!,
    elapsedMs: curve.series.elapsedMs[index]!,
    raw: curve.series.values[index]!,
    shown: smoothedOf(curve, axes.smoothing)[index]!,
  }
}

/** A curve's line: smoothed where it is dense. */
export function smoothedOf(curve: Curve, weight: number): Float64Array {
  if (!curve.isDense || weight === 0) return curve.series.values
  let smoother = smoothers.get(curve.series)
  if (smoother?.weight !== weight) smoothers.set(curve.series, (smoother = new Smoother(weight)))
  return smoother.update(curve.series)
}

const smoothers = new WeakMap<object, Smoother>()

function pointsOf(curve: Curve, axes: Axes, columns: number): Points {
  const all = xsOf(curve, axes.axis)
  const first = axes.isLogX ? all.findIndex((x) => x > 0) : 0
  if (first < 0 || all.length === 0)
    return { xs: [], columns: strokesOf([curve], axes.smoothing).map(() => []) }
  const span = visibleSpan(all, axes.zoom?.[0] ?? -Infinity, axes.zoom?.[1] ?? Infinity)
  span.from = Math.max(span.from, first)
  const raw = curve.series.values
  const line = smoothedOf(curve, axes.smoothing)
  const indices = thin(all, raw, span, columns, axes.isLogX ? Math.log10 : undefined)
  const xs: number[] = []
  const ys = strokesOf([curve], axes.smoothing).map(() => [] as (number | null)[])
  const put = (x: number, values: readonly (number | null)[]) => {
    xs.push(x)
    values.forEach((value, i) => ys[i]!.push(value))
  }
  const drawable = (y: number) => (Number.isFinite(y) && (!axes.isLogY || y > 0) ? y : null)
  const gaps = curve.isDense ? curve.pauses : []
  indices.forEach((index, i) => {
    const previous = indices[i - 1]
    if (previous !== undefined && gaps.some((step) => isBetween(curve, previous, step, index))) {
      put(
        (all[previous]! + all[index]!) / 2,
        ys.map(() => null),
      )
    }
    const values = ys.length === 2 ? [raw[index]!, line[index]!] : [line[index]!]
    put(all[index]!, values.map(drawable))
  })
  return { xs, columns: ys }
}

function isBetween(curve: Curve, from: number, step: number, to: number): boolean {
  return curve.series.steps[from]! <= step && step < curve.series.steps[to]!
}

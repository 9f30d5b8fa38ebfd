import type uPlot from 'uplot'
import type { Axes, Stroke } from './columns.ts'
import type { Paint } from './paint.ts'
import { linearTicks, logTicks, timeSpacings, timeTicks } from './ticks.ts'

export interface PlotEvents {
  /** x under the cursor, null when it has left. */
  onHover: (x: number | null) => void
  /** A part was dragged over; null by a double click. */
  onZoom: (range: readonly [number, number] | null) => void
}

export interface PlotSetup extends PlotEvents {
  strokes: readonly Stroke[]
  /** Read at every draw: zoom changes more often than the chart is made anew. */
  axes: () => Axes
  syncKey: string
  paint: Paint
}

/** Charts below each other line up when their axes are equally wide. */
const yAxisWidth = 48
const xAxisHeight = 24
/** Room above and below, but not beyond 0 and 1 where no value is: most metrics are shares. */
const linearRange: uPlot.Range.Config = {
  min: { pad: 0.1, soft: 0, mode: 3 },
  max: { pad: 0.1, soft: 1, mode: 3 },
}
/** Beyond so many, dots are a smear. */
const mostDots = 64

export function plotOptions(setup: PlotSetup, width: number, height: number): uPlot.Options {
  const { paint, syncKey, strokes } = setup
  const { axis, isLogX, isLogY } = setup.axes()
  const line = { stroke: () => paint.color('var(--line)'), width: 1 }
  const text = { stroke: () => paint.color('var(--text-muted)'), font: paint.font(11) }
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    scales: {
      x: {
        time: false,
        ...(isLogX ? { distr: 3 as const } : {}),
        range: (_, min, max) => xRange(setup.axes(), min, max),
      },
      y: isLogY ? { distr: 3 as const, range: (_, min, max) => logRange(min, max) } : { range: linearRange },
    },
    axes: [
      {
        ...text,
        size: xAxisHeight,
        gap: 4,
        space: width < 480 ? 52 : 72,
        grid: { show: false },
        ticks: { ...line, size: 4 },
        border: { ...line, show: true },
        ...(axis === 'time' ? { incrs: timeSpacings } : {}),
        values: (_, ticks, __, ___, spacing) => {
          if (axis === 'time') return timeTicks(ticks, spacing)
          return isLogX ? logTicks(ticks) : linearTicks(ticks, spacing)
        },
      },
      {
        ...text,
        size: yAxisWidth,
        gap: 6,
        space: 28,
        grid: line,
        ticks: { show: false },
        values: (_, ticks, __, ___, spacing) => (isLogY ? logTicks(ticks) : linearTicks(ticks, spacing)),
      },
    ],
    series: [{}, ...strokes.map((stroke) => seriesOf(stroke, paint))],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      hover: { prox: 16 },
      points: {
        size: (_, index) => (strokes[index - 1]?.isFaint ? 0 : 6),
        width: 0,
        fill: (_, index) => paint.color(strokes[index - 1]?.curve.color ?? 'currentcolor'),
      },
      sync: { key: syncKey, setSeries: false, scales: ['x', null], filters: { pub: isHover, sub: isHover } },
      bind: { dblclick: () => () => (setup.onZoom(null), null) },
    },
    hooks: {
      setCursor: [
        (plot) => setup.onHover(plot.cursor.left! < 0 ? null : plot.posToVal(plot.cursor.left!, 'x')),
      ],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return
          const { left, width: selected } = plot.select
          setup.onZoom([plot.posToVal(left, 'x'), plot.posToVal(left + selected, 'x')])
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

function seriesOf({ curve, isFaint }: Stroke, paint: Paint): uPlot.Series {
  const stroke = () => paint.color(curve.color)
  return {
    stroke,
    width: isFaint ? 1 : 1.5,
    alpha: (isFaint ? 0.24 : 1) * (curve.isPast ? 0.45 : 1),
    pxAlign: 0,
    ...(curve.dash.length > 0 && !isFaint ? { dash: [...curve.dash] } : {}),
    points: {
      size: 5,
      width: 0,
      fill: stroke,
      show: (plot, index, from, to) =>
        !isFaint && hasFewPoints(plot.data[index]!, from, to, curve.isSparse ? mostDots : 1),
    },
  }
}

function hasFewPoints(
  column: ArrayLike<number | null | undefined>,
  from: number,
  to: number,
  most: number,
): boolean {
  let count = 0
  for (let i = from; i <= to && count <= most; i++) if (column[i] !== null && column[i] !== undefined) count++
  return count > 0 && count <= most
}

function isHover(type: string): boolean {
  return type === 'mousemove' || type === 'mouseleave'
}

/** Hugs the values: whole decades would leave a loss a thin strip. */
function logRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || min <= 0) return [0.1, 1]
  const margin = Math.max(1.02, (max / min) ** 0.06)
  return [min / margin, max * margin]
}

function xRange({ zoom, isLogX }: Axes, min: number | null, max: number | null): [number, number] {
  if (zoom) return [zoom[0], zoom[1]]
  if (min === null || max === null) return isLogX ? [1, 10] : [0, 1]
  if (max > min) return [min, max]
  return isLogX ? [min, min * 10] : [min, min + 1]
}

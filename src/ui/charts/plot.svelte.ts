import type { Attachment } from 'svelte/attachments'
import uPlot from 'uplot'
import { columnsOf, strokesOf, type Axes } from './columns.ts'
import { Paint } from './paint.ts'
import type { Curve } from './panels.ts'
import { plotOptions, type PlotEvents } from './plotOptions.ts'

/** What a chart shows. Cheap to make: the work is done once a frame at most, when any of it has changed. */
export interface PlotInput extends PlotEvents {
  curves: readonly Curve[]
  axes: Axes
  syncKey: string
  /** Changes when the curves have grown. */
  version: number
  theme: string
}

/** Draws curves into an element and keeps them drawn. `read` is tracked; `onPlot` gets the chart for the keyboard. */
export function plot(
  read: () => PlotInput,
  onPlot: (chart: uPlot | null) => void = () => {},
): Attachment<HTMLElement> {
  return (host) => {
    const paint = new Paint(host)
    let input: PlotInput
    let chart: uPlot | null = null
    let structure = ''
    let theme = ''
    let frame = 0

    const draw = () => {
      frame = 0
      const width = host.clientWidth
      const height = host.clientHeight
      if (width === 0 || height === 0) return
      const { curves, axes, syncKey } = input
      const strokes = strokesOf(curves, axes.smoothing)
      const data = columnsOf(curves, axes, width) as uPlot.AlignedData
      if (theme !== input.theme) paint.forget()
      theme = input.theme
      const wanted = JSON.stringify([
        strokes.map(({ curve, isFaint }) => [curve.key, curve.color, curve.dash, isFaint]),
        axes.axis,
        axes.isLogX,
        axes.isLogY,
      ])
      if (chart && wanted === structure) {
        if (chart.width !== width || chart.height !== height) chart.setSize({ width, height })
        chart.setData(data)
        return
      }
      chart?.destroy()
      structure = wanted
      const setup = {
        strokes,
        syncKey,
        paint,
        axes: () => input.axes,
        onHover: (x: number | null) => input.onHover(x),
        onZoom: (range: readonly [number, number] | null) => input.onZoom(range),
      }
      chart = new uPlot(plotOptions(setup, width, height), data, host)
      onPlot(chart)
    }
    const schedule = () => (frame ||= requestAnimationFrame(draw))

    $effect(() => {
      input = read()
      schedule()
    })
    const resizes = new ResizeObserver(schedule)
    resizes.observe(host)
    return () => {
      resizes.disconnect()
      cancelAnimationFrame(frame)
      chart?.destroy()
      onPlot(null)
    }
  }
}

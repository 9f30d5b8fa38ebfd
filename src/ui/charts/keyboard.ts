import type uPlot from 'uplot'
import type { ChartView } from './chartView.svelte.ts'

/**
 * Left and right move the cursor (with Shift ten times as far), Home and End take it to the ends, plus and minus zoom
 * around it, 0 shows everything, Escape lets go.
 */
export function moveCursor(event: KeyboardEvent, chart: uPlot, view: ChartView): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const width = chart.over.clientWidth
  const left = chart.cursor.left ?? -1
  const here = left < 0 ? width : left
  const stride = event.shiftKey ? 40 : 4
  const place = (to: number) => {
    chart.setCursor({ left: Math.min(width, Math.max(0, to)), top: chart.over.clientHeight / 2 })
  }
  const zoom = (factor: number) => {
    const start = here - here * factor
    view.zoom = [chart.posToVal(start, 'x'), chart.posToVal(start + width * factor, 'x')]
  }
  switch (event.key) {
    case 'ArrowLeft':
      place(here - stride)
      break
    case 'ArrowRight':
      place(here + stride)
      break
    case 'Home':
      place(0)
      break
    case 'End':
      place(width)
      break
    case '+':
    case '=':
      zoom(0.5)
      break
    case '-':
      zoom(2)
      break
    case '0':
      view.zoom = null
      break
    case 'Escape':
      chart.setCursor({ left: -10, top: -10 })
      break
    default:
      return
  }
  event.preventDefault()
}

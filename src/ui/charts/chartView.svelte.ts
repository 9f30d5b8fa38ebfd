/** What people chose about how curves are drawn; one for a page of charts, so that they move together. */
export class ChartView {
  /** Weight of the moving average, 0 to 0.999. */
  smoothing: number = $state(0.6)
  axis: 'step' | 'time' = $state('step')
  isLogX: boolean = $state(false)
  /** Panels with a logarithmic y axis. */
  logY: readonly string[] = $state.raw([])
  /** Part of the x axis that is shown; null all of it. */
  zoom: readonly [number, number] | null = $state.raw(null)
  /** Keys of curves that the legend has switched off. */
  hidden: readonly string[] = $state.raw([])
  /** Charts with one name share their cursor. */
  readonly syncKey = `charts-${++count}`

  constructor() {
    const kept = read()
    this.smoothing = kept.smoothing
    this.axis = kept.axis
    this.isLogX = kept.isLogX
    this.logY = kept.logY
  }

  setAxis(axis: 'step' | 'time'): void {
    this.axis = axis
    this.zoom = null
    this.#keep()
  }
  setSmoothing(weight: number): void {
    this.smoothing = weight
    this.#keep()
  }
  toggleLogX(): void {
    this.isLogX = !this.isLogX
    this.zoom = null
    this.#keep()
  }
  toggleLogY(panel: string): void {
    this.logY = toggled(this.logY, panel)
    this.#keep()
  }
  toggleCurve(key: string): void {
    this.hidden = toggled(this.hidden, key)
  }

  #keep(): void {
    const { smoothing, axis, isLogX, logY } = this
    try {
      localStorage.setItem(storageKey, JSON.stringify({ smoothing, axis, isLogX, logY }))
    } catch {
      // Private windows may refuse: the choice then lasts as long as the page.
    }
  }
}

interface Kept {
  smoothing: number
  axis: 'step' | 'time'
  isLogX: boolean
  logY: string[]
}

let count = 0
const storageKey = 'bunsen.charts'

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item]
}

function read(): Kept {
  let kept: Partial<Record<keyof Kept, unknown>> = {}
  try {
    kept = Object(JSON.parse(localStorage.getItem(storageKey) ?? '{}')) as typeof kept
  } catch {
    // Unreadable choices are as good as none.
  }
  const { smoothing, axis, isLogX, logY } = kept
  return {
    smoothing: typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1 ? smoothing : 0.6,
    axis: axis === 'time' ? 'time' : 'step',
    isLogX: isLogX === true,
    logY: Array.isArray(logY) ? logY.filter((name): name is string => typeof name === 'string') : [],
  }
}

import { Series } from './series.ts'

/** Most points that are held; more would show nothing new on any screen. */
const most = 2048

/** A curve that stays small however long it is followed: when it is full, every second point goes. */
export class BoundedSeries {
  readonly series = new Series()
  #most: number
  /** Fewest steps between two points. */
  #stride = 1

  constructor(mostPoints = most) {
    this.#most = mostPoints
  }

  /** Whether the point was taken. */
  push(step: number, value: number, elapsedMs: number): boolean {
    const { series } = this
    const last = series.steps[series.length - 1] ?? -Infinity
    if (step >= last && step - last < this.#stride) return false
    series.push(step, value, elapsedMs)
    if (series.length >= this.#most) {
      series.halve()
      this.#stride *= 2
    }
    return true
  }

  truncateAfter(step: number): void {
    this.series.truncateAfter(step)
  }
}

/** A submission longer than this makes the desktop stutter; past seconds, drivers take it for hung. */
const longestMs = 100
/** So many replays are watched, of which the quickest counts: others may have waited for the host. */
const watched = 6

/**
 * Into how many submissions a replay is cut, learned from how long the first ones took. It changes when work is handed
 * over, not what is computed.
 */
export class Pieces {
  count = 1
  #left = watched
  #doneAt: number | null = null
  #quickestMs = Infinity

  /** After the submission of a replay. The device does one after the other, so the time between two ends is the latter's. */
  watch(queue: Pick<GPUQueue, 'onSubmittedWorkDone'>): void {
    if (this.#left === 0) return
    this.#left--
    const isLast = this.#left === 0
    queue.onSubmittedWorkDone().then(
      () => this.#note(performance.now(), isLast),
      // A device that is lost says so elsewhere.
      () => {},
    )
  }

  #note(nowMs: number, isLast: boolean): void {
    if (this.#doneAt !== null) this.#quickestMs = Math.min(this.#quickestMs, nowMs - this.#doneAt)
    this.#doneAt = nowMs
    if (isLast && this.#quickestMs > longestMs) this.count = Math.ceil((2 * this.#quickestMs) / longestMs)
  }
}

/**
 * Where to cut a row of weighted things so that no piece weighs much more than another.
 * @returns ends of the pieces, rising, the last of them `weights.length`; no more than `count`
 */
export function cutEvenly(weights: readonly number[], count: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const ends: number[] = []
  let sum = 0
  weights.forEach((weight, i) => {
    sum += weight
    if (ends.length < count - 1 && sum >= ((ends.length + 1) * total) / count) ends.push(i + 1)
  })
  if (ends.at(-1) !== weights.length) ends.push(weights.length)
  return ends
}

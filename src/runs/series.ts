/** One curve: steps ascending, a value for each. Grows at the end; never rewritten except by `truncateAfter`. */
export class Series {
  #steps = new Float64Array(256)
  #values = new Float64Array(256)
  #times = new Float64Array(256)
  length = 0

  /** A step not after the last one replaces what stands from it on: a resumed run goes over its own tail. */
  push(step: number, value: number, elapsedMs: number): void {
    while (this.length > 0 && this.#steps[this.length - 1]! >= step) this.length--
    if (this.length === this.#steps.length) this.#grow()
    this.#steps[this.length] = step
    this.#values[this.length] = value
    this.#times[this.length] = elapsedMs
    this.length++
  }

  truncateAfter(step: number): void {
    while (this.length > 0 && this.#steps[this.length - 1]! > step) this.length--
  }

  /** Keeps the first of every two points. */
  halve(): void {
    const kept = Math.ceil(this.length / 2)
    for (const column of [this.#steps, this.#values, this.#times])
      for (let i = 1; i < kept; i++) column[i] = column[2 * i]!
    this.length = kept
  }

  /** Views, valid until the next push. */
  get steps(): Float64Array {
    return this.#steps.subarray(0, this.length)
  }
  get values(): Float64Array {
    return this.#values.subarray(0, this.length)
  }
  /** Milliseconds of training at each point, pauses left out. */
  get elapsedMs(): Float64Array {
    return this.#times.subarray(0, this.length)
  }
  get last(): number | null {
    return this.length === 0 ? null : this.#values[this.length - 1]!
  }

  #grow(): void {
    const size = this.#steps.length * 2
    const bigger = (old: Float64Array) => {
      const next = new Float64Array(size)
      next.set(old)
      return next
    }
    this.#steps = bigger(this.#steps)
    this.#values = bigger(this.#values)
    this.#times = bigger(this.#times)
  }
}

/**
 * Exponential moving average with the bias of its zero start divided out: the smoothing of TensorBoard and W&B.
 * Each output is a weighted mean of the finite values so far, with weight `weight^age`. Values that are not finite
 * stay as they are and leave the mean alone. Grows with its input: what was smoothed once is not smoothed again.
 */
export class Smoother {
  readonly weight: number
  #smoothed = new Float64Array(256)
  #length = 0
  #sum = 0
  #count = 0
  #lastStep = 0
  #lastValue = 0

  /** `weight` in [0, 1); 0 leaves values as they are. */
  constructor(weight: number) {
    this.weight = weight
  }

  /** A view of the smoothed values, valid until the next call. Starts over when the input's past was rewritten. */
  update(series: { steps: Float64Array; values: Float64Array }): Float64Array {
    const { steps, values } = series
    const known = this.#length
    const isContinued =
      known <= values.length &&
      (known === 0 || (steps[known - 1] === this.#lastStep && Object.is(values[known - 1], this.#lastValue)))
    if (!isContinued) this.#length = this.#sum = this.#count = 0
    this.#reserve(values.length)
    for (let i = this.#length; i < values.length; i++) this.#smoothed[i] = this.#next(values[i]!)
    this.#length = values.length
    if (values.length > 0) {
      this.#lastStep = steps[values.length - 1]!
      this.#lastValue = values[values.length - 1]!
    }
    return this.#smoothed.subarray(0, values.length)
  }

  #next(value: number): number {
    if (!Number.isFinite(value)) return value
    this.#sum = this.#sum * this.weight + (1 - this.weight) * value
    this.#count++
    return this.#sum / (1 - this.weight ** this.#count)
  }

  #reserve(size: number): void {
    if (size <= this.#smoothed.length) return
    const bigger = new Float64Array(Math.max(size, this.#smoothed.length * 2))
    bigger.set(this.#smoothed.subarray(0, this.#length))
    this.#smoothed = bigger
  }
}

import { malformed } from './json.ts'

/** What may differ: |actual - expected| <= abs + rel * |expected|, element by element. */
export interface Tolerance {
  readonly abs: number
  readonly rel: number
}

/** One difference, at the place where it is worst. */
export interface Difference {
  /** Which value, with its index: `gradient of x[3]`. */
  readonly where: string
  readonly actual: number | string
  readonly expected: number | string
  /** Relative to the largest finite expected entry of the same tensor, so that entries near zero do not blow it up. */
  readonly relative: number
  /** Share of what is allowed; over 1 is a failure. */
  readonly share: number
}

/** Collects the comparisons of one case. NaN equals NaN only, infinities only themselves. */
export class Comparison {
  /** The largest relative error seen. */
  worst: Difference | null = null
  /** The failure that is furthest from its tolerance. */
  failure: Difference | null = null
  /** How many numbers were compared. */
  count = 0

  close(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance): void {
    this.closeAt(what, actual, expected, { tolerance, isCompared: () => true })
  }

  /** As {@link close}, for the entries that `isCompared` chooses. */
  closeAt(
    what: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    options: { tolerance: Tolerance; isCompared: (index: number) => boolean },
  ): void {
    const { tolerance, isCompared } = options
    if (!(tolerance.abs >= 0) || !(tolerance.rel >= 0))
      throw malformed(`tolerance of ${what}`, 'from 0', tolerance)
    if (actual.length !== expected.length) return this.#differ(what, actual.length, expected.length)
    const scale = largest(expected)
    for (let i = 0; i < expected.length; i++) {
      if (isCompared(i))
        this.#compare({ where: place(what, i, expected.length), scale, tolerance }, actual[i]!, expected[i]!)
    }
  }

  number(what: string, actual: number, expected: number, tolerance: Tolerance): void {
    this.close(what, [actual], [expected], tolerance)
  }

  /** Bit for bit as far as JavaScript can tell: NaN equals NaN, 0 does not equal -0. */
  same<T extends number | string | boolean>(
    what: string,
    actual: ArrayLike<T>,
    expected: ArrayLike<T>,
  ): void {
    if (actual.length !== expected.length)
      return this.#differ(`number of ${what}`, actual.length, expected.length)
    for (let i = 0; i < expected.length; i++) {
      this.count++
      if (Object.is(actual[i], expected[i])) continue
      this.#differ(place(what, i, expected.length), spell(actual[i]!), spell(expected[i]!))
    }
  }

  #differ(where: string, actual: number | string, expected: number | string): void {
    this.#add({ where, actual, expected, relative: Infinity, share: Infinity })
  }

  #compare(
    at: { where: string; scale: number; tolerance: Tolerance },
    actual: number,
    expected: number,
  ): void {
    this.count++
    const { where, scale, tolerance } = at
    if (Object.is(actual, expected) || actual === expected)
      return this.#add({ where, actual, expected, relative: 0, share: 0 })
    const difference = Math.abs(actual - expected)
    if (!Number.isFinite(difference)) return this.#differ(where, actual, expected)
    const allowed = tolerance.abs + tolerance.rel * Math.abs(expected)
    this.#add({ where, actual, expected, relative: difference / scale, share: difference / allowed })
  }

  #add(difference: Difference): void {
    if (this.worst === null || difference.relative > this.worst.relative) this.worst = difference
    const { share } = difference
    if (share > 1 && (this.failure === null || share > this.failure.share)) this.failure = difference
  }
}

function place(what: string, index: number, length: number): string {
  return length === 1 ? what : `${what}[${index}]`
}

function spell(value: number | string | boolean): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** 1 for a tensor of zeros. */
function largest(values: ArrayLike<number>): number {
  let found = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!)
    if (size > found && size < Infinity) found = size
  }
  return found === 0 ? 1 : found
}

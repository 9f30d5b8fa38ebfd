import { median } from '../../core/median.ts'

/** What makes the median absolute deviation of a normal distribution its standard deviation. */
const consistency = 1.4826

/** Median and median absolute deviation, the latter as a standard deviation (Hampel 1974); 0 where half is one value. */
export function robustSpread(values: readonly number[]): { middle: number; spread: number } {
  const middle = median(values)
  return { middle, spread: consistency * median(values.map((value) => Math.abs(value - middle))) }
}

import type { IntField, NumberField } from '../../core/schema.ts'

type Numeric = IntField | NumberField

/** More stops than pixels make a slider useless. */
const maxStops = 400

/**
 * The values that a slider and the arrow keys go through, ascending: the bounds, and between them every step of a
 * linear field, or round values of a logarithmic or very long one (halves of powers of two for small whole numbers, 1 · 1.5 · 2 ·
 * 3 · 5 · 7 in each decade otherwise). Null where a slider has no use: the range is too long for it.
 */
export function stopsOf(field: Numeric): readonly number[] | null {
  if (field.min >= field.max) return null
  const inner =
    field.scale === 'log' ? logStops(field) : (linearStops(field) ?? (field.min > 0 ? logStops(field) : null))
  if (!inner) return null
  const stops = [field.min, ...inner.filter((value) => value > field.min && value < field.max), field.max]
  return stops.length > maxStops ? null : stops
}

function linearStops(field: Numeric): number[] | null {
  const step = stepOf(field)
  const count = Math.round((field.max - field.min) / step)
  if (count > maxStops) return null
  return Array.from({ length: count }, (_, i) => roundTo(field.min + i * step, step))
}

function logStops(field: Numeric): number[] {
  const lowest = Math.max(field.min, field.type === 'int' ? 1 : Number.MIN_VALUE)
  if (field.type === 'int' && field.max <= 65_536) {
    const powers = Array.from({ length: 17 }, (_, i) => 2 ** i)
    return powers.flatMap((power) => (power > 1 ? [power, power * 1.5] : [power]))
  }
  const decades: number[] = []
  for (let exponent = Math.floor(Math.log10(lowest)); 10 ** exponent <= field.max; exponent++) {
    for (const digit of [1, 1.5, 2, 3, 5, 7]) {
      const value = Number(`${digit}e${exponent}`)
      if (field.type === 'number' || Number.isInteger(value)) decades.push(value)
    }
  }
  return decades
}

/** What one press of an arrow key adds where there are no stops. */
export function stepOf(field: Numeric): number {
  if (field.step !== undefined) return field.step
  if (field.type === 'int') return 1
  return Number(`1e${Math.floor(Math.log10(field.max - field.min)) - 2}`)
}

/** Sums of 0.05 without the dust of binary fractions. */
function roundTo(value: number, step: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 2)
  return Number(value.toFixed(Math.min(digits, 20)))
}

/** Index of the stop nearest to a value. */
export function nearestStop(stops: readonly number[], value: number): number {
  let best = 0
  for (let i = 1; i < stops.length; i++) {
    if (Math.abs(stops[i]! - value) < Math.abs(stops[best]! - value)) best = i
  }
  return best
}

/** The next value up (`+1`) or down (`-1`), within the bounds. */
export function nextValue(field: Numeric, value: number, direction: 1 | -1): number {
  const stops = stopsOf(field)
  if (!stops) {
    const step = stepOf(field)
    return Math.min(field.max, Math.max(field.min, roundTo(value + direction * step, step)))
  }
  const found = direction > 0 ? stops.find((stop) => stop > value) : stops.findLast((stop) => stop < value)
  return found ?? (direction > 0 ? field.max : field.min)
}

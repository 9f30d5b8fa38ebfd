import { formatCount } from '../format.ts'

const units = [
  { size: 1e9, suffix: 'G' },
  { size: 1e6, suffix: 'M' },
  { size: 1e4, suffix: 'k' },
]

/** Labels of evenly spaced ticks, all with the same unit and as many decimals as the spacing needs. */
export function linearTicks(ticks: readonly (number | null)[], spacing: number): (string | null)[] {
  const greatest = Math.max(0, ...ticks.map((tick) => Math.abs(tick ?? 0)))
  if (greatest > 0 && greatest < 0.001) return ticks.map((tick) => (tick === null ? null : shortest(tick)))
  const unit = units.find(({ size }) => greatest >= size)
  const scale = unit ? (unit.suffix === 'k' ? 1e3 : unit.size) : 1
  const decimals = decimalsOf(spacing / scale)
  return ticks.map((tick) => {
    if (tick === null) return null
    if (tick === 0) return '0'
    const text = (tick / scale).toFixed(decimals).replace('-', '\u2212')
    return unit ? text + unit.suffix : decimals === 0 ? formatCount(tick) : text
  })
}

/** Labels of a logarithmic axis: each as short as it can be, as its neighbours are far away. */
export function logTicks(ticks: readonly (number | null)[]): (string | null)[] {
  return ticks.map((tick) => (tick === null ? null : shortest(tick)))
}

/** Labels of milliseconds: `30 s`, `1:30 min`, `2:15 h`. */
export function timeTicks(ticks: readonly (number | null)[], spacing: number): (string | null)[] {
  const greatest = Math.max(0, ...ticks.map((tick) => tick ?? 0))
  const two = (value: number) => String(value).padStart(2, '0')
  return ticks.map((tick) => {
    if (tick === null) return null
    if (tick === 0) return '0'
    if (greatest < 1000) return `${tick} ms`
    if (greatest < 60_000) return `${(tick / 1000).toFixed(decimalsOf(spacing / 1000))} s`
    if (greatest < 3_600_000) {
      const seconds = Math.round(tick / 1000)
      return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`
    }
    const minutes = Math.round(tick / 60_000)
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`
  })
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Spacings of a time axis, in milliseconds. */
export const timeSpacings = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 240].map((count) => count * hour),
]

/** How many decimals tell multiples of `spacing` apart. */
function decimalsOf(spacing: number): number {
  for (let decimals = 0; decimals < 9; decimals++) {
    const scaled = spacing * 10 ** decimals
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled) && Math.round(scaled) > 0)
      return decimals
  }
  return 9
}

function shortest(value: number): string {
  const size = Math.abs(value)
  const rounded = Number(value.toPrecision(3))
  if (size !== 0 && size < 0.001)
    return rounded.toExponential().replace('-', '\u2212').replace('e-', 'e\u2212')
  const unit = units.find((candidate) => size >= candidate.size)
  if (!unit) return String(rounded).replace('-', '\u2212')
  return `${rounded / (unit.suffix === 'k' ? 1e3 : unit.size)}${unit.suffix}`
}

/** Numbers, sizes, durations and times for people. All figures use a point and narrow spaces, in every locale. */

const groupSpace = '\u202f'
const minus = '\u2212'

/** `1 240`: a whole count, in groups of three from five digits on or where `isGrouped`. */
export function formatCount(value: number, isGrouped = true): string {
  if (!Number.isFinite(value)) return formatNumber(value)
  const digits = Math.abs(Math.round(value)).toString()
  const grouped = isGrouped ? digits.replaceAll(/\B(?=(\d{3})+$)/g, groupSpace) : digits
  return (value < 0 && digits !== '0' ? minus : '') + grouped
}

/** A measured number in a width that does not jump: `3.124`, `0.0412`, `12.5k`, `1.82M`, `6.0e-5`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? `${minus}∞` : '∞'
  const size = Math.abs(value)
  const sign = value < 0 ? minus : ''
  if (size === 0) return '0'
  if (size >= 999_950_000) return sign + (size / 1e9).toPrecision(3) + 'G'
  if (size >= 999_950) return sign + (size / 1e6).toPrecision(3) + 'M'
  if (size >= 9_999.5) return sign + Number((size / 1e3).toPrecision(3)).toFixed(size >= 99_950 ? 0 : 1) + 'k'
  if (size >= 999.5) return sign + size.toFixed(0)
  if (size >= 99.95) return sign + size.toFixed(1)
  if (size >= 9.995) return sign + size.toFixed(2)
  if (size >= 0.9995) return sign + size.toFixed(3)
  if (size >= 0.001) return sign + size.toFixed(4)
  return sign + size.toExponential(1)
}

/** A value that a person typed or will type: shortest exact form, `0.001`, `1e-7`. */
export function formatExact(value: number): string {
  return String(value)
}

/** Decimal units: `312 B`, `1.2 MB`, `24 GB`. */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return formatNumber(bytes)
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let amount = bytes
  let unit = 0
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000
    unit++
  }
  return `${unit === 0 || amount >= 9.95 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`
}

/** `320 ms`, `4.2 s`, `48 s`, `2 min 10 s`, `1 h 04 min`, `3 d 2 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–'
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const two = (value: number) => String(value).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 days ago`, then the date. Put the exact time in `title`. */
export function formatRelative(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ago`
  const days = Math.floor(minutes / 1440)
  if (days === 1) return 'yesterday'
  return days < 30 ? `${days} days ago` : formatDateTime(time).slice(0, 10)
}

/** `2026-10-20 14:05:09`, local time. */
export function formatDateTime(time: number): string {
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A share of one: `42 %`. Rounds down, so that only what is done shows 100. */
export function formatPercent(share: number): string {
  return `${Math.floor(Math.max(0, Math.min(1, share)) * 100 + 1e-9)}${groupSpace}%`
}

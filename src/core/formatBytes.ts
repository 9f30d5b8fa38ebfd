const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes for people, decimal units as disks are sold: 1500 is "1.5 kB". */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}

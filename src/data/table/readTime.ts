const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/

/**
 * An ISO 8601 date, with or without a time of day, as milliseconds since 1970; null for anything else, and for a day that no
 * calendar has. Where no zone is said it is that of Greenwich, so that every machine reads the same.
 */
export function readTime(cell: string): number | null {
  const match = iso.exec(cell)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  if (hour > 23 || minute > 59 || second > 60) return null
  const zone = zoneMinutes(match[8])
  if (zone === null) return null
  const within = ((hour * 60 + minute - zone) * 60 + second) * 1000
  return date.getTime() + within + Number(`0.${match[7] ?? 0}`) * 1000
}

function zoneMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes)
}

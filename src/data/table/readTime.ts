import { isMissing } from './columns.ts'

const clock = String.raw`(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?`
/** ISO 8601, and the same with slashes, as spreadsheets write it. */
const yearFirst = new RegExp(String.raw`^(\d{4})([-/])(\d\d?)\2(\d\d?)${clock}\s?(Z|[+-]\d\d:?\d\d)?$`)
const monthNamed = new RegExp(String.raw`^([a-z]{3,9})\.? (\d\d?),? (\d{4})${clock}$`, 'i')
const dayThenName = new RegExp(String.raw`^(\d\d?)[- ]([a-z]{3,9})\.?[- ,]+(\d{4})${clock}$`, 'i')
const months = 'january february march april may june july august september october november december'.split(
  ' ',
)

/**
 * A date that can be read in one way alone, with or without a time of day, as milliseconds since 1970: the year first (ISO 8601,
 * 2024/12/31), or the month by its English name (Dec 31, 2024; 31 Dec 2024). null for anything else, such as 01/02/2024, and for
 * a day that no calendar has. Where no zone is said it is that of Greenwich, so that every machine reads the same.
 */
export function readTime(cell: string): number | null {
  const parts = partsOf(cell)
  if (parts === null) return null
  const { year, month, day } = parts
  const [hour, minute, second] = parts.clock.slice(0, 3).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (month < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  if (hour > 23 || minute > 59 || second > 60) return null
  const zone = zoneMinutes(parts.zone)
  if (zone === null) return null
  const within = ((hour * 60 + minute - zone) * 60 + second) * 1000
  return date.getTime() + within + Number(`0.${parts.clock[3] ?? 0}`) * 1000
}

/** Whether all values that are there can be read as times, and some are. */
export function areTimes(cells: readonly string[]): boolean {
  const there = cells.filter((cell) => !isMissing(cell))
  return there.length > 0 && there.every((cell) => readTime(cell) !== null)
}

interface Parts {
  readonly year: number
  /** From 1; 0 for a word that is none. */
  readonly month: number
  readonly day: number
  /** Hour, minute, second and what stands after its point, as far as they are said. */
  readonly clock: readonly (string | undefined)[]
  readonly zone: string | undefined
}

function partsOf(cell: string): Parts | null {
  const iso = yearFirst.exec(cell)
  if (iso !== null) {
    // ISO 8601 has two digits each.
    if (iso[2] === '-' && (iso[3]!.length < 2 || iso[4]!.length < 2)) return null
    const [year, month, day] = [iso[1], iso[3], iso[4]].map(Number) as [number, number, number]
    return { year, month, day, clock: iso.slice(5, 9), zone: iso[9] }
  }
  const [american, other] = [monthNamed.exec(cell), dayThenName.exec(cell)]
  const match = american ?? other
  if (match === null) return null
  const [name, day] = american ? [match[1]!, match[2]] : [match[2]!, match[1]]
  const month = months.findIndex((month) => month.startsWith(name.toLowerCase())) + 1
  return { year: Number(match[3]), month, day: Number(day), clock: match.slice(4, 8), zone: undefined }
}

function zoneMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes)
}

import { isRecord } from '../../core/predicates.ts'
import type { Doctor } from '../../runs/doctor.svelte.ts'

/** What is said of a set before it is checked. */
type Said = NonNullable<Parameters<Doctor['check']>[2]>
type JsonValue = Parameters<Doctor['keepAsked']>[1]

/** What must hold of one column, as it is being written. */
export interface RuleRow {
  column: string
  /** Whether no cell may be missing, and whether no value may come twice. */
  notMissing: boolean
  unique: boolean
  /** As they are typed; empty for none. */
  min: string
  max: string
  /** Parted by commas; empty for any. */
  values: string
}

/** Labels and rules of one set, which are kept with it. */
export class Asked {
  /** Empty: found by itself. */
  labels = $state('')
  rows: RuleRow[] = $state([])
  /** As it stands in storage. */
  #kept: string = JSON.stringify(this.#written())
  #reading: Promise<void> | null = null
  /** Whether what was kept is here; before that nothing is written over it. */
  isRead = $state(false)

  value: Said = $derived.by(() => ({
    labels: this.labels === '' ? null : this.labels,
    rules: rulesOf(this.rows),
  }))

  /**
   * Takes what is kept of the set, once, else what was of the version before; what is of no such form counts as nothing.
   * Rejects as `of` does.
   */
  read(of: (sha256: string) => Promise<unknown>, sha256: string, origin: string | null): Promise<void> {
    return (this.#reading ??= this.#read(of, sha256, origin))
  }

  async #read(
    of: (sha256: string) => Promise<unknown>,
    sha256: string,
    origin: string | null,
  ): Promise<void> {
    const own = await of(sha256)
    const value = own === undefined && origin !== null ? await of(origin) : own
    if (isKept(value)) {
      this.labels = value.labels
      this.rows = value.rows.map((row) => ({ ...row }))
      // What the version before had is still to be kept with this one, since that one can be deleted.
      if (value === own) this.#kept = JSON.stringify(this.#written())
    }
    this.isRead = true
  }

  /** Hands on what differs from what is kept. */
  async keep(write: (asked: JsonValue) => Promise<void>): Promise<void> {
    const written = this.#written()
    const text = JSON.stringify(written)
    if (!this.isRead || text === this.#kept) return
    this.#kept = text
    await write(written)
  }

  #written() {
    return { labels: this.labels, rows: $state.snapshot(this.rows).map((row) => ({ ...row })) }
  }

  add(column: string): void {
    this.rows.push({ column, notMissing: false, unique: false, min: '', max: '', values: '' })
  }
  remove(place: number): void {
    this.rows.splice(place, 1)
  }
}

function isKept(value: unknown): value is { labels: string; rows: RuleRow[] } {
  if (!isRecord(value) || typeof value['labels'] !== 'string' || !Array.isArray(value['rows'])) return false
  return value['rows'].every(
    (row) =>
      isRecord(row) &&
      ['column', 'min', 'max', 'values'].every((name) => typeof row[name] === 'string') &&
      ['notMissing', 'unique'].every((name) => typeof row[name] === 'boolean'),
  )
}

const known = new Map<string, Asked>()

/** What was said of a set before, by its hash. */
export function askedOf(sha256: string): Asked {
  const asked = known.get(sha256) ?? new Asked()
  known.set(sha256, asked)
  return asked
}

/** Rules in the words of `data doctor --rules`; null where there are none. That a column is there is always one. */
export function rulesOf(rows: readonly RuleRow[]): string | null {
  if (rows.length === 0) return null
  const columns = new Map<string, object>()
  for (const { column, notMissing, unique, min, max, values } of rows) {
    const allowed = values
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '')
    columns.set(column, {
      // Another row may be of the same column.
      ...columns.get(column),
      ...(notMissing && { notMissing }),
      ...(unique && { unique }),
      ...(min.trim() !== '' && { min: numberOf(min) }),
      ...(max.trim() !== '' && { max: numberOf(max) }),
      ...(allowed.length > 0 && { values: allowed }),
    })
  }
  return JSON.stringify({ columns: Object.fromEntries(columns) })
}

/** What is no number stays as it is: whoever reads the rules says so, by the column's name. */
function numberOf(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

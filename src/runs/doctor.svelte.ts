import type { Asked, CheckProgress } from '../../workers/protocol.ts'
import { toPlainError, type PlainError } from '../core/errors.ts'
import type { Drift } from '../core/drift.ts'
import type { Diagnosis } from '../core/finding.ts'
import type { DataSource } from '../core/runConfig.ts'
import type { JsonValue } from '../storage/checkpoint.ts'
import type { Storage } from './openStorage.ts'
import type { Workers } from './workerClient.ts'

/** What is known of a set's health. */
export interface Checkup {
  readonly diagnosis: Diagnosis | null
  /** Whether it was found stored rather than looked for now. */
  readonly isKept: boolean
  readonly error: PlainError | null
}

/** How a set differs from another one. */
export interface Comparison {
  /** Key of the other set. */
  readonly with: string
  readonly drift: Drift | null
  readonly error: PlainError | null
}

const nothingAsked: Asked = { labels: null, rules: null }

/** Checks of data sets, one at a time, in a worker that is made when the first is asked for. */
export class Doctor {
  /** The set that is being checked, by the key of its source; null while none is. */
  checking: string | null = $state(null)
  progress: CheckProgress | null = $state.raw(null)
  #known: ReadonlyMap<string, Checkup> = $state.raw(new Map())
  #comparisons: ReadonlyMap<string, Comparison> = $state.raw(new Map())
  /** The set that is being compared; null while none is. */
  comparing: string | null = $state(null)
  #workers: Workers | null = null
  #storage: Storage | null = null

  /** Checks and comparisons share a worker, which does one at a time. */
  get isBusy(): boolean {
    return this.checking !== null || this.comparing !== null
  }

  attach(workers: Workers, storage: Storage): void {
    this.#workers = workers
    this.#storage = storage
    workers.onDoctorEvents((events) => {
      const last = events.at(-1)
      if (last && this.checking !== null) this.progress = last.progress
    })
  }

  of(key: string): Checkup | null {
    return this.#known.get(key) ?? null
  }

  /** What was kept of what a set's checks are told; undefined where nothing was. Rejects as reading does. */
  async readAsked(key: string): Promise<unknown> {
    return this.#storage?.readAsked(key)
  }

  /** Rejects as storing does. */
  async keepAsked(key: string, asked: JsonValue): Promise<void> {
    await this.#storage?.keepAsked(key, asked)
  }

  /** Looks for what was found earlier and kept, once. */
  async recall(key: string, source: DataSource, asked: Asked = nothingAsked): Promise<void> {
    const workers = this.#workers
    if (!workers || this.#known.has(key) || this.isBusy) return
    if (!(await workers.data.isExamined(key))) return
    const diagnosis = await workers.doctor.keptDiagnosis(source, asked)
    // What was checked anew in the meantime is no older.
    if (diagnosis && !this.#known.has(key)) this.#set(key, { diagnosis, isKept: true, error: null })
  }

  /** Resolves when it has ended, was cancelled or has failed. */
  async check(key: string, source: DataSource, asked: Asked = nothingAsked): Promise<void> {
    if (!this.#workers || this.isBusy) return
    this.checking = key
    this.progress = null
    try {
      const { diagnosis, reports } = await this.#workers.doctor.examine(source, asked)
      const isKept = reports.every(({ outcome }) => outcome !== 'computed')
      this.#set(key, { diagnosis, isKept, error: null })
    } catch (thrown) {
      const error = toPlainError(thrown)
      if (error.code !== 'cancelled') this.#set(key, { diagnosis: null, isKept: false, error })
    }
    this.checking = null
    this.progress = null
  }

  /** How the set differs from the last one that it was compared with; null before that. */
  comparisonOf(key: string): Comparison | null {
    return this.#comparisons.get(key) ?? null
  }

  /** Compares a set with another one of its kind. Resolves as `check`. */
  async compare(
    [key, source]: readonly [string, DataSource],
    [otherKey, other]: readonly [string, DataSource],
    labels: string | null,
  ): Promise<void> {
    if (!this.#workers || this.isBusy) return
    this.comparing = key
    const keep = (found: Omit<Comparison, 'with'>) =>
      (this.#comparisons = new Map(this.#comparisons).set(key, { with: otherKey, ...found }))
    try {
      keep({ drift: await this.#workers.doctor.compare(source, other, labels), error: null })
    } catch (thrown) {
      const error = toPlainError(thrown)
      if (error.code !== 'cancelled') keep({ drift: null, error })
    }
    this.comparing = null
  }

  /** Ends the worker. Checks that were done are kept, and are not done again. */
  cancel(): void {
    this.#workers?.doctor.cancel()
  }

  /** What was found, as a page that stands by itself. Rejects as reading the set does. */
  async reportPage(source: DataSource, diagnosis: Diagnosis): Promise<string> {
    return this.#workers!.doctor.reportPage(source, diagnosis)
  }

  #set(key: string, checkup: Checkup): void {
    this.#known = new Map(this.#known).set(key, checkup)
  }
}

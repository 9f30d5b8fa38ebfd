import type { TrainEvent } from '../src/engine/training/types.ts'
import type { Connection } from '../src/storage/connection.ts'
import { appendEvents } from '../src/storage/logStore.ts'
import { patchRun, type RunPatch } from '../src/storage/runStore.ts'
import type { LogEntry } from '../src/storage/types.ts'

const flushEveryMs = 2000

/** Events that a reload must show again; phases only say what goes on now. */
const kept = new Set<TrainEvent['type']>([
  'metrics',
  'sample',
  'checkpoint',
  'stage',
  'edit',
  'profile',
  'view',
  'notice',
  'error',
])

/** Writes a run's events and its row in the table of runs, a few at a time. */
export class Recorder {
  #storage: Connection
  #runId: string
  #entries: (LogEntry & { event: TrainEvent })[] = []
  #patch: RunPatch = {}
  #latest: Record<string, number>
  #flushedAt = performance.now()

  constructor(storage: Connection, runId: string, latest: Record<string, number>) {
    this.#storage = storage
    this.#runId = runId
    this.#latest = latest
  }

  take(event: TrainEvent): void {
    if (event.type === 'phase') return
    // A profile gets better with each step that it times; only the best is worth its place.
    // So does what a validation shows: the next one takes its place.
    if (event.type === 'profile' || event.type === 'view')
      this.#entries = this.#entries.filter((entry) => entry.event.type !== event.type)
    if (kept.has(event.type)) this.#entries.push({ step: event.step, event })
    if (event.type === 'metrics') {
      this.#latest = { ...this.#latest, ...event.values }
      Object.assign(this.#patch, { step: event.step, elapsedMs: event.elapsedMs, latest: this.#latest })
    } else if (event.type === 'status') {
      Object.assign(this.#patch, { status: event.status, step: event.step })
      if (event.status === 'running') this.#patch.error = null
    } else if (event.type === 'error') this.#patch.error = event.error
  }

  /** Forgets what is not stored yet and comes after a step: a run that goes on from there tells it again. */
  rewind(step: number): void {
    const isLasting = ({ type }: TrainEvent) => type === 'notice' || type === 'error'
    this.#entries = this.#entries.filter((entry) => entry.step <= step || isLasting(entry.event))
  }

  set(patch: RunPatch): void {
    Object.assign(this.#patch, patch)
  }

  get isDue(): boolean {
    return performance.now() - this.#flushedAt >= flushEveryMs
  }

  /** Stores what has gathered. What could not be stored is kept for the next time. */
  async flush(): Promise<void> {
    const entries = this.#entries
    const patch = this.#patch
    this.#entries = []
    this.#patch = {}
    this.#flushedAt = performance.now()
    try {
      // Apart, since what the first has stored must not be stored again where the second finds the connection closed.
      await this.#storage.use((db) => appendEvents(db, this.#runId, entries))
      entries.length = 0
      if (Object.keys(patch).length > 0) await this.#storage.use((db) => patchRun(db, this.#runId, patch))
    } catch (error) {
      this.#entries = [...entries, ...this.#entries]
      this.#patch = { ...patch, ...this.#patch }
      throw error
    }
  }
}

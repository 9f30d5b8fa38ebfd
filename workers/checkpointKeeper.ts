import { StorageError, toPlainError, type PlainError } from '../src/core/errors.ts'
import type { TrainHost } from '../src/engine/training/runContext.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { saveCheckpoint } from '../src/storage/checkpointStore.ts'
import type { Connection } from '../src/storage/connection.ts'
import type { Recorder } from './recorder.ts'

type Kept = Pick<Parameters<TrainHost['saveCheckpoint']>[0], 'slot' | 'progress'>

export interface KeeperOptions {
  storage: Connection
  runId: string
  recorder: Recorder
  tell(event: TrainEvent): void
  /** Holds the latest state where it could not be stored; null once it could. */
  noteUnkept(state: { step: number; error: PlainError; bytes: Uint8Array<ArrayBuffer> } | null): void
}

/** A disk that stays full is told once in this while, not with every checkpoint. */
const repeatWarningMs = 60_000

/** Stores the checkpoints of a run, one for all its recoveries. A full disk does not end a run that still learns: what cannot be stored is held. */
export class CheckpointKeeper {
  #options: KeeperOptions
  /** When it was last said that nothing can be stored, by `performance.now()`; null while it can. */
  #warnedAt: number | null = null

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** `bytes` is the file. null: it could not be stored; what was stored before stays, and the person is told. */
  async save(
    { slot, progress }: Kept,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ sizeBytes: number } | null> {
    const { storage, runId, recorder, noteUnkept } = this.#options
    const { step } = progress
    // A log that cannot be written now is kept for the next time; the checkpoint matters more.
    await recorder.flush().catch(() => {})
    try {
      const saved = await storage.use((db) => saveCheckpoint(db, { runId, slot, step, bytes }))
      recorder.set({ best: progress.best })
      if (slot === 'latest') this.#noteStored(step)
      return { sizeBytes: saved.sizeBytes }
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      if (slot === 'latest') noteUnkept({ step, error: toPlainError(error), bytes })
      this.#warn(error, step)
      return null
    }
  }

  #noteStored(step: number): void {
    if (this.#warnedAt === null) return
    this.#warnedAt = null
    this.#options.noteUnkept(null)
    this.#options.tell({
      type: 'notice',
      step,
      level: 'info',
      title: 'Checkpoints are stored again',
      detail: '',
    })
  }

  #warn(error: StorageError, step: number): void {
    const now = performance.now()
    if (this.#warnedAt !== null && now - this.#warnedAt < repeatWarningMs) return
    this.#warnedAt = now
    this.#options.tell({ type: 'notice', step, level: 'warning', title: error.message, detail: error.remedy })
  }
}

import { toPlainError, type PlainError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { checkRunConfig, invalidConfig, type RunConfig, type RunSchema } from '../core/runConfig.ts'
import type { StoredRun } from '../storage/runStore.ts'
import type { CheckpointInfo, RunRecord, StoredStatus } from '../storage/types.ts'
import { checkpointFile } from './checkpointFile.ts'
import { RunState } from './runState.svelte.ts'
import { certificateIn } from '../core/certificate.ts'
import { storedEvents } from './storedEvents.ts'
import type { Storage } from './openStorage.ts'

/** A stored run that this version cannot use as it is: shown, downloadable, deletable. */
export interface BrokenRun {
  id: string
  name: string
  problem: PlainError
}

/** The runs of this browser. */
export class RunList {
  /** Newest first; configs migrated and validated. */
  list: readonly RunRecord[] = $state.raw([])
  broken: readonly BrokenRun[] = $state.raw([])
  isLoaded = $state(false)
  #schema: RunSchema | null = null
  #storage: Storage | null = null
  #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** Lists what is stored, now that the schema tells what a config must be. */
  async attach(storage: Storage, schema: RunSchema): Promise<void> {
    this.#storage = storage
    this.#schema = schema
    await this.refresh()
  }

  async refresh(): Promise<void> {
    const storage = this.#storage
    if (!storage) return
    try {
      const [stored, live] = await Promise.all([storage.listRuns(), storage.liveRuns()])
      const runs: RunRecord[] = []
      const broken: BrokenRun[] = []
      for (const entry of stored) {
        if (entry.kind === 'broken') {
          broken.push({ id: entry.id, name: entry.id, problem: entry.problem })
          continue
        }
        const config = this.#configOf(entry.run)
        if ('problem' in config)
          broken.push({ id: entry.run.id, name: entry.run.name, problem: config.problem })
        else runs.push({ ...entry.run, config: config.config, status: truthfulStatus(entry.run, live) })
      }
      this.list = runs
      this.broken = broken
    } catch (error) {
      this.#report(error)
    }
    this.isLoaded = true
  }

  find(id: string): RunRecord | null {
    return this.list.find((record) => record.id === id) ?? null
  }

  /** A stored run's curves, samples and events. */
  async load(id: string): Promise<RunState | null> {
    const record = this.find(id)
    if (!record || !this.#storage) return null
    const state = new RunState(record.id, record.config, record.preset)
    try {
      const entries = await this.#storage.readEvents(id)
      const { events, leftOut } = storedEvents(entries)
      state.apply(events)
      if (leftOut > 0)
        log('warn', 'runs', `${leftOut} of ${entries.length} events of run ${id} cannot be read`)
    } catch (error) {
      this.#report(error)
    }
    state.certificate = certificateIn(record.certificate ?? null)
    state.status = record.status
    state.step = record.step
    state.elapsedMs = record.elapsedMs
    state.error = record.error
    return state
  }

  async checkpoints(id: string): Promise<CheckpointInfo[]> {
    return (await this.#storage?.listCheckpoints(id)) ?? []
  }

  /** Every checkpoint that is kept, of each step once, the latest first. */
  async kept(id: string): Promise<CheckpointInfo[]> {
    return (await this.#storage?.listKept(id)) ?? []
  }

  /** Verified bytes of a checkpoint, as a file to download. */
  async download(id: string, slot: 'latest' | 'best'): Promise<File> {
    const { bytes, step } = await this.#storage!.loadCheckpoint(id, slot)
    return checkpointFile(this.find(id)?.name ?? id, slot, step, bytes)
  }

  async patch(
    id: string,
    change: Partial<Pick<RunRecord, 'name' | 'note' | 'tags' | 'isVisible'>>,
  ): Promise<void> {
    try {
      await this.#storage?.patchRun(id, change)
    } catch (error) {
      this.#report(error)
    }
    await this.refresh()
  }

  async remove(ids: readonly string[]): Promise<void> {
    try {
      for (const id of ids) await this.#storage?.deleteRun(id)
    } catch (error) {
      this.#report(error)
    }
    await this.refresh()
  }

  #configOf(run: StoredRun): { config: RunConfig } | { problem: PlainError } {
    const checked = checkRunConfig(this.#schema!, run.config)
    if (checked.isValid) return { config: checked.value }
    const problem = toPlainError(invalidConfig(checked.issues))
    return {
      problem: {
        ...problem,
        message: `“${run.name}” was stored with settings that this version refuses. ${problem.message}`,
        remedy:
          'Its checkpoints are kept and can be downloaded; delete the run when you no longer need them.',
      },
    }
  }
}

/** A run that says it goes on, while nobody trains it, was cut off. */
function truthfulStatus(run: StoredRun, live: Set<string> | null): StoredStatus {
  const saysActive = run.status === 'preparing' || run.status === 'running' || run.status === 'paused'
  return saysActive && live !== null && !live.has(run.id) ? 'interrupted' : run.status
}

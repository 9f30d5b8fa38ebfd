import type { RunList } from '../../runs/runList.svelte.ts'
import type { RunState } from '../../runs/runState.svelte.ts'
import type { RunRecord } from './records.ts'

/** Curves of stored runs, read once and again when the run has gone on. */
export class LoadedRuns {
  #states: ReadonlyMap<string, RunState> = $state.raw(new Map())
  #updatedAt = new Map<string, number>()
  #runList: RunList

  constructor(runList: RunList) {
    this.#runList = runList
  }

  get(id: string): RunState | null {
    return this.#states.get(id) ?? null
  }

  /** Reads what is missing or stale of these, one after the other. */
  async load(records: readonly RunRecord[]): Promise<void> {
    for (const { id, updatedAt } of records) {
      if (this.#updatedAt.get(id) === updatedAt) continue
      this.#updatedAt.set(id, updatedAt)
      const state = await this.#runList.load(id)
      if (state) this.#states = new Map(this.#states).set(id, state)
      else this.#updatedAt.delete(id)
    }
  }
}

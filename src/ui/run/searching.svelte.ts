import { DataError, toPlainError, type PlainError } from '../../core/errors.ts'
import { formatBytes } from '../../core/formatBytes.ts'
import type { SearchQuery, SearchResult } from '../../core/search.ts'
import type { RunState } from '../../runs/runState.svelte.ts'
import type { Trainer } from '../../runs/trainer.svelte.ts'

/** Larger files are no pictures to look for. */
const mostBytes = 50e6

/** One question at a time to a run's latest checkpoint, and what came of it. */
export class Searching {
  isBusy = $state(false)
  error: PlainError | null = $state.raw(null)
  result: SearchResult | null = $state.raw(null)
  /** The words, or the name of the picture, of the result. */
  asked = $state('')

  async forWords(trainer: Trainer, run: RunState, text: string): Promise<void> {
    const words = text.trim()
    if (words !== '')
      await this.#search(trainer, run, { name: words, query: async () => ({ kind: 'words', words }) })
  }

  async forPicture(trainer: Trainer, run: RunState, file: File): Promise<void> {
    const query = async (): Promise<SearchQuery> => {
      if (file.size > mostBytes)
        throw new DataError(
          `Search: ${file.name} has ${formatBytes(file.size)}, a picture to search with at most ${formatBytes(mostBytes)}`,
          { code: 'picture-unreadable', remedy: 'Make it smaller first.' },
        )
      return { kind: 'picture', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }
    }
    await this.#search(trainer, run, { name: file.name, query })
  }

  async #search(
    trainer: Trainer,
    run: RunState,
    { name, query }: { name: string; query: () => Promise<SearchQuery> },
  ): Promise<void> {
    if (this.isBusy) return
    this.isBusy = true
    this.error = null
    this.result = null
    try {
      this.result = await trainer.search(run, await query())
      this.asked = name
    } catch (caught) {
      this.error = toPlainError(caught)
    }
    this.isBusy = false
  }
}

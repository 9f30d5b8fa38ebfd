import type { Estimate } from '../../workers/protocol.ts'
import { toPlainError, type PlainError } from '../core/errors.ts'
import type { RunConfig } from '../core/runConfig.ts'
import type { Workers } from './workerClient.ts'

/** What the configuration on the page will cost; follows it, a moment behind. */
export class EstimateState {
  value: Estimate | null = $state.raw(null)
  error: PlainError | null = $state.raw(null)
  isBusy = $state(false)
  #workers: Workers
  #timer: ReturnType<typeof setTimeout> | undefined
  #latest = 0
  #model = ''
  #mayMeasure = true

  constructor(workers: Workers) {
    this.#workers = workers
  }

  /** Why the run cannot start as it is. */
  problem: PlainError | null = $derived(this.error ?? this.value?.problems[0] ?? null)

  /** Estimates, then compiles and measures, once the config has been still for a moment. */
  follow(config: RunConfig): void {
    clearTimeout(this.#timer)
    // What another model costs is not what this one costs; a moment of nothing is better than a wrong number.
    if (this.#model !== modelOf(config)) this.value = null
    this.#model = modelOf(config)
    this.#mayMeasure = true
    const ticket = ++this.#latest
    this.#timer = setTimeout(() => void this.#run(config, ticket), 300)
  }

  /** Before a start: the GPU is the run's. What is only counted still comes. */
  stopMeasuring(): void {
    this.#mayMeasure = false
  }

  async #run(config: RunConfig, ticket: number): Promise<void> {
    this.isBusy = true
    try {
      const prepared = await this.#workers.data.prepare(config.data, config.seed)
      if (ticket !== this.#latest) return
      const quick = await this.#workers.train.estimate(config, prepared, false)
      if (ticket !== this.#latest) return
      this.value = quick
      this.error = null
      if (quick.problems.length > 0 || !this.#mayMeasure) return
      const measured = await this.#workers.train.estimate(config, prepared, true)
      if (ticket === this.#latest) this.value = measured
    } catch (error) {
      const plain = toPlainError(error)
      if (ticket !== this.#latest || plain.code === 'superseded') return
      this.value = null
      this.error = plain
    } finally {
      if (ticket === this.#latest) this.isBusy = false
    }
  }
}

/** What the size of a run hangs on most. */
function modelOf({ model, data }: RunConfig): string {
  return JSON.stringify([model, data.source, data.tokenizer])
}

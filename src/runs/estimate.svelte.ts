import type { Estimate } from '../../workers/protocol.ts'
import type { BranchPoint } from '../core/branch.ts'
import { toPlainError, type PlainError } from '../core/errors.ts'
import type { RunConfig } from '../core/runConfig.ts'
import type { Workers } from './workerClient.ts'

type Prepared = Awaited<ReturnType<Workers['data']['prepare']>>

/** What the configuration on the page will cost: counted at once, measured once it has been still for a moment. */
export class EstimateState {
  value: Estimate | null = $state.raw(null)
  error: PlainError | null = $state.raw(null)
  isBusy = $state(false)
  #workers: Workers
  #timer: ReturnType<typeof setTimeout> | undefined
  #latest = 0
  #followed: RunConfig | null = null
  #branch: BranchPoint | null = null
  #mayMeasure = true
  /** Sizes of the data that was prepared last. */
  #data: { key: string; prepared: Prepared } | null = null

  constructor(workers: Workers) {
    this.#workers = workers
  }

  /** Why the run cannot start as it is. */
  problem: PlainError | null = $derived(this.error ?? this.value?.problems[0] ?? null)

  /** Counts from shapes, then compiles and measures once the config has been still for a moment. */
  follow(config: RunConfig, branch: BranchPoint | null = null): void {
    clearTimeout(this.#timer)
    this.#branch = branch
    this.#followed = config
    this.#mayMeasure = true
    const ticket = ++this.#latest
    const known = this.#data?.key === keyOf(config) ? this.#data.prepared : null
    // What other data costs is not what these cost; a moment of nothing is better than a wrong number.
    if (known === null) this.value = null
    else void this.#attempt(ticket, () => this.#count(config, known, ticket))
    this.#timer = setTimeout(() => void this.#run(config, ticket), 300)
  }

  /** Whether this is the configuration that was asked about last. */
  isOf(config: RunConfig): boolean {
    return config === this.#followed
  }

  /** While a run goes on nothing is counted: what is known of another configuration is put away. */
  wait(config: RunConfig): void {
    if (this.isOf(config)) return
    clearTimeout(this.#timer)
    this.#latest++
    this.#followed = null
    this.value = null
    this.error = null
    this.isBusy = false
  }

  /** Before a start: the GPU is the run's. What is only counted still comes. */
  stopMeasuring(): void {
    this.#mayMeasure = false
  }

  async #run(config: RunConfig, ticket: number): Promise<void> {
    this.isBusy = true
    await this.#attempt(ticket, async () => {
      const prepared = await this.#workers.data.prepare(config.data, config.seed, true)
      if (ticket !== this.#latest) return
      this.#data = { key: keyOf(config), prepared }
      const counted = await this.#count(config, prepared, ticket)
      if (counted === null || counted.problems.length > 0 || !this.#mayMeasure) return
      const measured = await this.#workers.train.estimate(config, prepared, true, this.#branch)
      if (ticket === this.#latest) this.value = measured
    })
    if (ticket === this.#latest) this.isBusy = false
  }

  /** null where the page has moved on. */
  async #count(config: RunConfig, prepared: Prepared, ticket: number): Promise<Estimate | null> {
    const counted = await this.#workers.train.estimate(config, prepared, false, this.#branch)
    if (ticket !== this.#latest) return null
    this.value = counted
    this.error = null
    return counted
  }

  async #attempt(ticket: number, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const plain = toPlainError(error)
      if (ticket !== this.#latest || plain.code === 'superseded') return
      this.value = null
      this.error = plain
    }
  }
}

/** What the sizes of prepared data hang on. */
function keyOf({ data, seed }: RunConfig): string {
  return JSON.stringify([data, seed])
}

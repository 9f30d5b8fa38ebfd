import type { RunRecord } from '../storage/types.ts'
import type { RunList } from './runList.svelte.ts'
import { Series } from './series.ts'

/** Longer chains of branches are cut off. */
const mostRuns = 16

/** What the runs that a branch came from had measured before it left them. */
export class PastCurves {
  /** By metric; empty of a run that is no branch, or whose runs are gone. */
  series: ReadonlyMap<string, Series> = $state.raw(new Map())
  #runList: Pick<RunList, 'find' | 'load'>
  #id: string | null = null

  constructor(runList: Pick<RunList, 'find' | 'load'>) {
    this.#runList = runList
  }

  /** Reads them where it is another run than before. */
  async follow(record: RunRecord | null): Promise<void> {
    const id = record?.id ?? null
    if (id === this.#id) return
    this.#id = id
    this.series = new Map()
    const series = await this.#read(record)
    if (this.#id === id) this.series = series
  }

  async #read(record: RunRecord | null): Promise<Map<string, Series>> {
    const series = new Map<string, Series>()
    let until = Infinity
    // From the youngest to the oldest, each up to where the next one left it.
    const parts: { run: Awaited<ReturnType<RunList['load']>>; until: number }[] = []
    for (let at = record; at?.branch && at.parent !== null && parts.length < mostRuns;) {
      until = Math.min(until, at.branch.step)
      const { parent } = at
      parts.push({ run: await this.#runList.load(parent), until })
      at = this.#runList.find(parent)
    }
    for (const part of parts.reverse())
      for (const [metric, { steps, values, elapsedMs }] of part.run?.series ?? []) {
        const all = series.get(metric) ?? new Series()
        series.set(metric, all)
        steps.forEach((step, i) => step <= part.until && all.push(step, values[i]!, elapsedMs[i]!))
      }
    return series
  }
}

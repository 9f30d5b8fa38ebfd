import type { Lab } from '../../runs/lab.svelte.ts'
import type { RunRecord } from './records.ts'
import type { Strand } from '../charts/panels.ts'
import { route } from '../layout/route.svelte.ts'
import { distinctName } from './distinctName.ts'
import { LoadedRuns } from './loadedRuns.svelte.ts'
import { filterRuns, sortRuns, type Order } from './rows.ts'
import { withLive } from './withLive.ts'

/** What is shown of the runs: filter, order and selection. Filter and selection stand in the address. */
export class RunsView {
  filter: string = $state('')
  order: Order = $state.raw({ key: 'created', isDescending: true })
  selectedIds: readonly string[] = $state.raw([])
  readonly loaded: LoadedRuns
  #lab: Lab

  constructor(lab: Lab) {
    this.#lab = lab
    this.loaded = new LoadedRuns(lab.runList)
    this.filter = route.query.get('filter') ?? ''
    this.selectedIds = (route.query.get('runs') ?? '').split(',').filter((id) => id !== '')
  }

  /** Every run, the one going on here as it stands now. */
  all: RunRecord[] = $derived.by(() => this.#lab.runList.list.map((run) => withLive(run, this.#lab.run)))
  rows: RunRecord[] = $derived.by(() => sortRuns(filterRuns(this.all, this.filter), this.order))
  selected: RunRecord[] = $derived(this.all.filter((run) => this.selectedIds.includes(run.id)))
  /** A run that goes on has to be stopped first. */
  deletable: RunRecord[] = $derived.by(() =>
    this.selected.filter((run) => !(this.#lab.isTraining && run.id === this.#lab.run?.id)),
  )
  visible: RunRecord[] = $derived.by(() => this.#lab.runList.list.filter((run) => run.isVisible))
  strands: Strand[] = $derived.by(() =>
    this.visible.flatMap((record) => {
      const { id, color } = record
      const run = this.#lab.run?.id === id ? this.#lab.run : this.loaded.get(id)
      return run ? [{ run, name: distinctName(record, this.visible), color }] : []
    }),
  )

  setFilter(filter: string): void {
    this.filter = filter
    this.#keep()
  }
  select(ids: readonly string[]): void {
    this.selectedIds = ids
    this.#keep()
  }
  toggle(id: string): void {
    const isIn = this.selectedIds.includes(id)
    this.select(isIn ? this.selectedIds.filter((other) => other !== id) : [...this.selectedIds, id])
  }
  toggleAll(): void {
    const shown = this.rows.map((run) => run.id)
    const isAll = shown.every((id) => this.selectedIds.includes(id))
    this.select(isAll ? [] : shown)
  }
  toggleEye(run: RunRecord): void {
    void this.#lab.runList.patch(run.id, { isVisible: !run.isVisible })
  }
  deleteSelected(): void {
    const ids = this.deletable.map((run) => run.id)
    this.select(this.selectedIds.filter((id) => !ids.includes(id)))
    void this.#lab.runList.remove(ids)
  }

  #keep(): void {
    const query = new URLSearchParams()
    if (this.filter !== '') query.set('filter', this.filter)
    if (this.selectedIds.length > 0) query.set('runs', this.selectedIds.join(','))
    const search = query.size > 0 ? `?${query.toString().replaceAll('%2C', ',')}` : ''
    window.history.replaceState(null, '', window.location.pathname + search)
  }
}

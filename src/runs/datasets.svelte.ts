import type { BundledEntry } from '../core/catalog.ts'
import type { DataSource, RunConfig } from '../core/runConfig.ts'
import type {
  DatasetManifest,
  DroppedFile,
  ImportProgress,
  ItemsPreview,
  Revision,
  TextPreview,
} from '../../workers/protocol.ts'
import { fromPlainError, toPlainError, type PlainError } from '../core/errors.ts'
import type { ItemView } from '../core/taskView.ts'
import type { StepUse } from '../storage/stepUse.ts'
import type { Storage } from './openStorage.ts'
import type { Workers } from './workerClient.ts'

export type { DroppedFile } from '../../workers/protocol.ts'

export interface ImportJob {
  id: string
  name: string
  progress: ImportProgress | null
  error: PlainError | null
}
export type DropOutcome =
  { kind: 'dataset'; manifest: DatasetManifest } | { kind: 'checkpoint'; runId: string; notices: string[] }

/** The data sets of this browser, and what is on its way in. */
export class Datasets {
  list: readonly DatasetManifest[] = $state.raw([])
  bundled: readonly BundledEntry[] = $state.raw([])
  jobs: readonly ImportJob[] = $state.raw([])
  isLoaded = $state(false)
  /** Used and free space of the origin; null when the browser does not tell. */
  space: { usedBytes: number; quotaBytes: number; isPersistent: boolean } | null = $state.raw(null)
  /** What is kept of preparations to be used again; null until the worker has told. */
  stepUse: StepUse | null = $state.raw(null)
  #storage: Storage | null = null
  #workers: Workers | null = null
  #report: (error: unknown) => void
  #jobCount = 0

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  async attach(storage: Storage): Promise<void> {
    this.#storage = storage
    await this.refresh()
  }

  attachWorkers(workers: Workers): void {
    this.#workers = workers
    this.bundled = workers.bundled
    workers.onDataEvents((events) => {
      for (const event of events)
        if (event.type === 'import') this.#patch(event.jobId, { progress: event.progress })
    })
  }

  /** Bytes that what is kept for reuse may take; at once, but for what runs are using. */
  async setStepBudget(bytes: number): Promise<void> {
    await this.#changeSteps((workers) => workers.data.setStepBudget(bytes))
  }
  async clearSteps(): Promise<void> {
    await this.#changeSteps((workers) => workers.data.clearSteps())
  }

  async #changeSteps(change: (workers: Workers) => Promise<StepUse>): Promise<void> {
    if (!this.#workers) return
    try {
      this.stepUse = await change(this.#workers)
      await this.refresh()
    } catch (error) {
      this.#report(error)
    }
  }

  find(sha256: string): DatasetManifest | null {
    return this.list.find((manifest) => manifest.sha256 === sha256) ?? null
  }

  async refresh(): Promise<void> {
    if (!this.#storage) return
    try {
      this.list = await this.#storage.listDatasets()
      this.space = await this.#storage.space()
      if (this.#workers) this.stepUse = await this.#workers.data.stepUse()
    } catch (error) {
      this.#report(error)
    }
    this.isLoaded = true
  }

  /** One safetensors file is a checkpoint; anything else becomes one data set. Errors stay with their job. */
  async drop(files: readonly DroppedFile[]): Promise<DropOutcome | null> {
    const workers = this.#workers
    if (!workers || files.length === 0) return null
    const first = files[0]!.file.name
    const name = files.length === 1 ? first : `${first} and ${files.length - 1} more`
    const job: ImportJob = { id: `import-${++this.#jobCount}`, name, progress: null, error: null }
    this.jobs = [...this.jobs, job]
    try {
      const outcome: DropOutcome = isCheckpoint(files)
        ? { kind: 'checkpoint', ...(await workers.train.importCheckpoint(files[0]!.file)) }
        : { kind: 'dataset', manifest: await workers.data.importFiles(job.id, [...files], null) }
      this.jobs = this.jobs.filter((other) => other.id !== job.id)
      await this.refresh()
      return outcome
    } catch (error) {
      const plain = toPlainError(error)
      if (plain.code === 'cancelled') this.jobs = this.jobs.filter((other) => other.id !== job.id)
      else this.#patch(job.id, { error: plain })
      return null
    }
  }

  /** The longest column of a table as a set of its own. */
  async textOfTable(sha256: string): Promise<DatasetManifest> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    const manifest = await this.#workers.data.textOfTable(sha256)
    await this.refresh()
    return manifest
  }

  /** The next version of a set, stored beside it. Rejects as `reviseStored` throws. */
  async revise(source: DataSource, name: string, revision: Revision): Promise<DatasetManifest> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    const manifest = await this.#workers.data.reviseSet(source, name, revision)
    await this.refresh()
    return manifest
  }

  async cancel(jobId: string): Promise<void> {
    await this.#workers?.data.cancelImport(jobId)
  }
  dismiss(jobId: string): void {
    this.jobs = this.jobs.filter((job) => job.id !== jobId)
  }

  /** A picture of the data and what augmentations make of it. Rejects as `previewItems`. */
  async previewAugmented(data: RunConfig['data'], seed: number, count: number): Promise<ItemView[]> {
    if (!this.#workers) return []
    return this.#workers.data.previewAugmented(data, seed, count)
  }

  /** Some items of a set of images or rows, from the one at `offset` on. */
  async previewItems(source: DataSource, offset: number, count: number): Promise<ItemsPreview> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    return this.#workers.data.previewItems(source, offset, count)
  }

  /** A piece of a set with the ends of its tokens, when `data` says how it is cut up. */
  async preview(
    source: DataSource,
    offset: number,
    length: number,
    data: RunConfig['data'] | null,
  ): Promise<TextPreview> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    return this.#workers.data.preview(source, offset, length, data)
  }

  async rename(sha256: string, name: string): Promise<void> {
    await this.#storage?.renameDataset(sha256, name)
    await this.refresh()
  }
  async remove(sha256: string): Promise<void> {
    await this.#storage?.deleteDataset(sha256)
    await this.refresh()
  }

  #patch(id: string, change: Partial<ImportJob>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job))
  }
}

function isCheckpoint(files: readonly DroppedFile[]): boolean {
  return files.length === 1 && files[0]!.file.name.toLowerCase().endsWith('.safetensors')
}

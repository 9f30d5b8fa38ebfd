import { SvelteMap } from 'svelte/reactivity'
import type { BundledEntry } from '../core/catalog.ts'
import type { DroppedFile } from '../core/droppedFile.ts'
import type { Revision } from '../core/decisions.ts'
import type { Reading } from '../core/reading.ts'
import type { DataSource, RunConfig } from '../core/runConfig.ts'
import type {
  DatasetManifest,
  DescribedSet,
  ImportedRun,
  ImportProgress,
  ItemsPreview,
  TextPreview,
  TokenizerManifest,
} from '../../workers/protocol.ts'
import { fromPlainError, toPlainError, type PlainError } from '../core/errors.ts'
import type { ItemView } from '../core/taskView.ts'
import type { StepUse } from '../storage/stepUse.ts'
import { importWeights, weightsIn, type WeightsBases } from './importWeights.ts'
import type { Storage } from './openStorage.ts'
import type { Workers } from './workerClient.ts'

export interface ImportJob {
  id: string
  name: string
  progress: ImportProgress | null
  error: PlainError | null
  /** What is read; null for an address. */
  files: readonly DroppedFile[] | null
}
export type DropOutcome =
  | { kind: 'dataset'; manifest: DatasetManifest }
  | { kind: 'tokenizer'; manifest: TokenizerManifest }
  | { kind: 'checkpoint'; run: ImportedRun }

/** The data sets of this browser, and what is on its way in. */
export class Datasets {
  list: readonly DatasetManifest[] = $state.raw([])
  bundled: readonly BundledEntry[] = $state.raw([])
  /** Files of tokenizers, newest first. */
  tokenizers: readonly TokenizerManifest[] = $state.raw([])
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
  #files = new SvelteMap<string, readonly DroppedFile[]>()
  #described = new SvelteMap<string, DescribedSet>()

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
    // What steps take only a worker tells, and the page may have asked before there was one.
    void this.refresh()
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

  findTokenizer(sha256: string): TokenizerManifest | null {
    return this.tokenizers.find((manifest) => manifest.sha256 === sha256) ?? null
  }

  async refresh(): Promise<void> {
    if (!this.#storage) return
    try {
      this.list = await this.#storage.listDatasets()
      this.tokenizers = await this.#storage.listTokenizers()
      this.space = await this.#storage.space()
      if (this.#workers) this.stepUse = await this.#workers.data.stepUse()
    } catch (error) {
      this.#report(error)
    }
    this.isLoaded = true
  }

  /**
   * A safetensors file of a model becomes a run, laid out by `bases` where Bunsen did not save it; one
   * `tokenizer.json` a tokenizer, and anything else one data set. Errors stay with their job.
   */
  async drop(
    files: readonly DroppedFile[],
    bases: WeightsBases | null,
    reading: Reading | null = null,
  ): Promise<DropOutcome | null> {
    if (files.length === 0) return null
    const first = files[0]!.file.name
    const name = files.length === 1 ? first : `${first} and ${files.length - 1} more`
    return this.#import(name, files, async (workers, jobId) => {
      if (isTokenizer(files))
        return { kind: 'tokenizer', manifest: await workers.data.saveTokenizer(files[0]!.file) }
      const weights = bases && (await weightsIn(workers, files))
      const run = weights && (await importWeights(workers, weights, bases))
      if (run) return { kind: 'checkpoint', run }
      const manifest = await workers.data.importFiles(jobId, [...files], null, reading)
      this.#files.set(manifest.sha256, files)
      return { kind: 'dataset', manifest }
    })
  }

  /** A file of another host as one data set. Errors stay with their job. */
  async fetch(address: string): Promise<DropOutcome | null> {
    return this.#import(address, null, async ({ data }, jobId) => ({
      kind: 'dataset',
      manifest: await data.importUrl(jobId, address),
    }))
  }

  async #import(
    name: string,
    files: ImportJob['files'],
    read: (workers: Workers, jobId: string) => Promise<DropOutcome>,
  ): Promise<DropOutcome | null> {
    if (!this.#workers) return null
    const job: ImportJob = { id: `import-${++this.#jobCount}`, name, progress: null, error: null, files }
    this.jobs = [...this.jobs, job]
    try {
      const outcome = await read(this.#workers, job.id)
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

  /** A set as a file that is read again as the same set. Rejects where what is stored is damaged. */
  async fileOf(source: DataSource): Promise<File> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    return this.#workers.data.fileOf(source)
  }

  /** The next version of a set, stored beside it. Rejects as `reviseStored` throws. */
  async revise(source: DataSource, name: string, revision: Revision): Promise<DatasetManifest> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    const manifest = await this.#workers.data.reviseSet(source, name, revision)
    await this.refresh()
    return manifest
  }

  /** The files that a set was made of in this visit; null where they are not at hand any more. */
  filesOf(sha256: string): readonly DroppedFile[] | null {
    return this.#files.get(sha256) ?? null
  }

  /** Files and folders that a set was dropped as; none where the browser does not tell. */
  async handlesOf(sha256: string): Promise<FileSystemHandle[]> {
    return (await this.#storage?.readHandles(sha256).catch(() => [])) ?? []
  }

  async cancel(jobId: string): Promise<void> {
    await this.#workers?.data.cancelImport(jobId)
  }
  dismiss(jobId: string): void {
    this.jobs = this.jobs.filter((job) => job.id !== jobId)
  }

  /** What is in a set and what could be learned from it. Rejects as reading it does. */
  async describe(source: DataSource): Promise<DescribedSet> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    const key = keyOf(source)
    const known = this.#described.get(key) ?? (await this.#workers.data.describe(source))
    this.#described.set(key, known)
    return known
  }

  /** Describes a set of pictures or rows in the background, so that the form can offer what it has. */
  know(source: DataSource): void {
    const kind =
      source.kind === 'stored'
        ? this.find(source.sha256)?.kind
        : this.bundled.find(({ id }) => id === source.id)?.kind
    // Of a text nothing is offered that hangs on it; what cannot be read is told by whoever needs it.
    if (kind !== undefined && kind !== 'text') this.describe(source).catch(() => {})
  }

  /** Ids of the splits that have what they go by; null where that is not known. */
  splitsOf(source: DataSource): readonly string[] | null {
    return this.#described.get(keyOf(source))?.splits ?? null
  }

  /** Names of what is known of each item; empty where that is not known. */
  columnsOf(source: DataSource): readonly string[] {
    return this.#described.get(keyOf(source))?.columns ?? []
  }

  /** The task that fits a set best, where it was described before. */
  suggestedTask(source: DataSource): string | null {
    return this.#described.get(keyOf(source))?.suggestion.task ?? null
  }

  /** A picture of the data and what augmentations make of it. Rejects as `previewItems`. */
  async previewAugmented(data: RunConfig['data'], seed: number, count: number): Promise<ItemView[]> {
    if (!this.#workers) return []
    return this.#workers.data.previewAugmented(data, seed, count)
  }

  /** A text of the data and what its augmentations make of it; none where items have no texts. */
  async previewTexts(data: RunConfig['data'], seed: number, count: number): Promise<string[]> {
    if (!this.#workers) return []
    return this.#workers.data.previewTexts(data, seed, count)
  }

  /** Some items of a set of images or rows, from the one at `offset` on. */
  async previewItems(source: DataSource, offset: number, count: number): Promise<ItemsPreview> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    return this.#workers.data.previewItems(source, offset, count)
  }

  /** Items of a set by their places, as the doctor counts them. */
  async itemsAt(source: DataSource, places: readonly number[]): Promise<ItemView[]> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    return this.#workers.data.itemsAt(source, places)
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

  /** Checks and stores a `tokenizer.json`, whatever it is called. Rejects with what is wrong with it. */
  async addTokenizer(file: File): Promise<TokenizerManifest> {
    if (!this.#workers) throw fromPlainError(toPlainError('Still starting'))
    const manifest = await this.#workers.data.saveTokenizer(file)
    await this.refresh()
    return manifest
  }
  async removeTokenizer(sha256: string): Promise<void> {
    await this.#workers?.data.deleteTokenizer(sha256)
    await this.refresh()
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

function keyOf(source: DataSource): string {
  return source.kind === 'stored' ? source.sha256 : source.id
}

function isTokenizer(files: readonly DroppedFile[]): boolean {
  return files.length === 1 && files[0]!.file.name.toLowerCase() === 'tokenizer.json'
}

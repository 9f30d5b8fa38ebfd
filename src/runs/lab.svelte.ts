import type { DeviceInfo, ImportedRun, Phase, SelfTestReport } from '../../workers/protocol.ts'
import { fromPlainError, toPlainError, type PlainError } from '../core/errors.ts'
import { withRateTimes } from '../core/branch.ts'
import type { DataKind } from '../core/catalog.ts'
import type { DroppedFile } from '../core/droppedFile.ts'
import type { Reading } from '../core/reading.ts'
import type { DataSource, RunConfig } from '../core/runConfig.ts'
import { namedTokenizer } from '../core/namedTokenizer.ts'
import { certificateIn, encodeCertificate, isSameTraining, type Certificate } from '../core/certificate.ts'
import { certificateFromLink, codeFromLink, decodeConfig, encodeConfig } from '../core/urlCodec.ts'
import { Datasets, type DropOutcome } from './datasets.svelte.ts'
import type { RunRecord, TokenizerManifest } from '../storage/types.ts'
import { Doctor } from './doctor.svelte.ts'
import { Draft } from './draft.svelte.ts'
import { EstimateState } from './estimate.svelte.ts'
import { presets, suggestedPreset, type Preset } from './presets/registry.ts'
import { RunList } from './runList.svelte.ts'
import type { RunState } from './runState.svelte.ts'
import { Trainer } from './trainer.svelte.ts'
import { openStorage, type Storage } from './openStorage.ts'
import { startWorkers, type Workers } from './workerClient.ts'

export interface LinkNotice {
  level: 'info' | 'error'
  title: string
  detail: string
}

/** All state of the page, and every action on it. Components read it and call it; they hold no state of the domain. */
export class Lab {
  boot: 'starting' | 'ready' | 'failed' = $state('starting')
  bootError: PlainError | null = $state.raw(null)
  device: DeviceInfo | null = $state.raw(null)
  /** Why there is no GPU; the page says it plainly and trains on the CPU. */
  gpuProblem: { reason: string; error: PlainError } | null = $state.raw(null)
  /** What is known of the device's kernels. */
  selfTest: SelfTestReport | null = $state.raw(null)
  usedBytes = $state(0)
  warmUp: Phase | null = $state.raw(null)
  /** What became of a share link that the page was opened with. */
  linkNotice: LinkNotice | null = $state.raw(null)
  /** Runs that dropped files became; shown until dismissed. */
  imported: readonly ImportedRun[] = $state.raw([])
  /** Errors of actions that have no better place; shown until dismissed. */
  errors: readonly { id: number; error: PlainError }[] = $state.raw([])

  draft: Draft | null = $state.raw(null)
  datasets: Datasets = $state.raw(null!)
  readonly doctor = new Doctor()
  runList: RunList = $state.raw(null!)
  trainer: Trainer | null = $state.raw(null)
  estimate: EstimateState | null = $state.raw(null)
  readonly presets: readonly Preset[] = presets

  #workers: Workers | null = null
  /** Of the address, as it is now. */
  #fragment = ''
  #started: Promise<void> = new Promise(() => {})
  #errorCount = 0
  /** What the link that was opened last says to have come out of its settings. */
  #certified: { readonly config: RunConfig; readonly certificate: string } | null = null

  constructor() {
    const report = (error: unknown) => this.report(error)
    this.datasets = new Datasets(report)
    this.runList = new RunList(report)
  }

  /** The run shown on the Train page: the one going on, or the last one of this visit. */
  run: RunState | null = $derived(this.trainer?.run ?? null)
  isTraining = $derived(this.run?.isActive ?? false)

  /** The data set that the draft names and this browser does not hold. */
  missingData = $derived.by(() => {
    const source = this.draft?.config.data.source
    if (source?.kind !== 'stored' || !this.datasets.isLoaded) return null
    return this.datasets.find(source.sha256) ? null : source
  })

  /** The tokenizer's file that the draft names and this browser does not hold. */
  missingTokenizer = $derived.by(() => {
    const { draft } = this
    if (!draft || !this.datasets.isLoaded || !this.#readsTexts(draft)) return null
    const named = namedTokenizer(draft.config.data)
    return named && this.datasets.findTokenizer(named.sha256) === null ? named : null
  })

  /** Why Start cannot be pressed now; null when it can. */
  startProblem: string | null = $derived.by(() => {
    if (this.boot !== 'ready' || !this.draft) return 'Still starting'
    if (this.isTraining) return 'A run is going on'
    if (this.draft.issues.length > 0) return 'Some settings need mending first'
    if (this.missingData) return `Drop ${this.missingData.name || 'the data set'} on the page first`
    if (this.missingTokenizer)
      return this.missingTokenizer.sha256 === ''
        ? 'Choose a tokenizer.json first'
        : `Choose the tokenizer ${this.missingTokenizer.name || 'of these settings'} first`
    return this.estimate?.problem?.message ?? null
  })

  /** Starts storage and workers, then lays the link's config or the preset that suits the machine. */
  start(fragment: string): Promise<void> {
    this.#fragment = fragment
    this.#started = this.#start()
    return this.#started
  }

  async #start(): Promise<void> {
    try {
      const workers = startWorkers(null)
      this.#workers = workers
      workers.onTrainEvents((events) => {
        for (const event of events) {
          if (event.type === 'warm-up') this.warmUp = event.phase
          else if (event.type === 'self-test') this.selfTest = event.report
          else if (event.type === 'memory') this.usedBytes = event.usedBytes
          else if (event.type === 'device') {
            this.device = event.device
            this.gpuProblem = event.gpuProblem
            this.usedBytes = 0
          } else if (event.type === 'device-lost') this.report(fromPlainError(event.error))
        }
      })
      // Both take their time, and neither needs the other.
      const [storage, boot] = await Promise.all([this.#openStorage(workers), workers.boot()])
      this.device = boot.device
      this.gpuProblem = boot.gpuProblem
      const draft = new Draft(boot.catalog)
      const first = suggestedPreset(boot.device)
      draft.usePreset(first.id, first.config)
      this.draft = draft
      this.datasets.attachWorkers(workers)
      this.doctor.attach(workers, storage)
      await this.runList.attach(storage, draft.schema)
      this.trainer = new Trainer(workers, storage, this.runList, (error) => this.report(error))
      this.estimate = new EstimateState(workers)
      this.openLink(this.#fragment)
      this.#keepOnLeaving()
      this.boot = 'ready'
      this.warm()
    } catch (error) {
      this.bootError = toPlainError(error)
      this.boot = 'failed'
    }
  }

  async #openStorage(workers: Workers): Promise<Storage> {
    const storage = await openStorage(workers.data, (error) => this.report(error))
    await this.datasets.attach(storage)
    return storage
  }

  /**
   * A hidden tab may be frozen or closed without a word: what was learned so far is kept then. A page that is left takes
   * its worker along at once, so the browser is made to ask first: the checkpoint is written while it does.
   */
  #keepOnLeaving(): void {
    const keep = (): boolean => {
      if (this.run?.status !== 'running') return false
      void this.trainer?.control({ type: 'checkpoint' })
      return true
    }
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && keep())
    document.addEventListener('freeze', keep)
    window.addEventListener('beforeunload', (event) => keep() && event.preventDefault())
  }

  /** Lays the config of a fragment (`#c=…`) over the page. Says what happened; broken links change nothing. */
  openLink(fragment: string): void {
    // Until there is something to lay it over.
    this.#fragment = fragment
    const code = codeFromLink(fragment)
    if (code === null || !this.draft) return
    try {
      this.draft.useConfig(decodeConfig(this.draft.schema, code))
      const count = this.draft.changes.length
      const settings =
        count === 0
          ? 'They are the defaults.'
          : `${count} ${count === 1 ? 'setting differs' : 'settings differ'} from the defaults.`
      const certificate = certificateFromLink(fragment)
      const isSound = certificateIn(certificate) !== null
      this.#certified = certificate !== null && isSound ? { config: this.draft.config, certificate } : null
      const beside = isSound
        ? ' A run of them is compared with the one that the link was made of.'
        : certificate === null
          ? ''
          : ' What came out of them elsewhere cannot be read: the link may have been cut off.'
      this.linkNotice = { level: 'info', title: 'Settings from a link', detail: settings + beside }
    } catch (error) {
      const plain = toPlainError(error)
      this.linkNotice = { level: 'error', title: plain.message, detail: plain.remedy }
    }
  }

  /** The address that holds all of a config, and what came out of it where that is given. Throws `link-too-long`. */
  link(config: RunConfig, certificate: Certificate | null): string {
    const base = new URL(document.baseURI)
    const beside = certificate ? `&r=${encodeCertificate(certificate)}` : ''
    base.hash = `c=${encodeConfig(this.draft!.schema, config)}${beside}`
    return base.href
  }

  choosePreset(id: string): void {
    const preset = presets.find((candidate) => candidate.id === id)
    if (!preset || !this.draft) return
    this.draft.usePreset(preset.id, preset.config)
    this.linkNotice = null
    this.warm()
  }

  /**
   * Another task comes with the settings of its first preset: those of the present one would not fit. A set of the user's
   * own stays where the task can learn from it.
   */
  chooseTask(id: string): void {
    const { draft } = this
    if (!draft || draft.config.task === id) return
    const { source } = draft.config.data
    const preset = presets.find(({ task }) => task === id)
    if (preset) this.choosePreset(preset.id)
    const kind = source.kind === 'stored' ? this.datasets.find(source.sha256)?.kind : undefined
    if (kind !== undefined && this.#learnsFrom(id, kind)) this.useSource(source, kind)
  }

  #readsTexts({ schema, config }: Draft): boolean {
    const tasks: readonly string[] = schema.fields.data.fields.tokenizer.tasks
    return tasks.includes(config.task)
  }

  /** Cuts texts up by this file from now on. */
  useTokenizer({ name, sha256, sizeBytes }: TokenizerManifest): void {
    this.draft?.set(['data', 'tokenizer'], { kind: 'file', name, sha256, sizeBytes })
    this.warm()
  }

  #learnsFrom(id: string, kind: DataKind): boolean {
    return this.draft?.catalog.tasks.find((task) => task.id === id)?.dataKinds.includes(kind) ?? false
  }

  /** Learns from this data set; where the task cannot, with the first preset of one that fits it best, else of one that can. */
  useSource(source: DataSource, kind: DataKind): void {
    const { draft } = this
    if (!draft) return
    if (!this.#learnsFrom(draft.config.task, kind)) {
      const best = this.datasets.suggestedTask(source)
      const preset =
        presets.find(({ task }) => task === best) ?? presets.find(({ task }) => this.#learnsFrom(task, kind))
      if (preset) this.choosePreset(preset.id)
    }
    draft.set(['data', 'source'], source)
    // A column of another table is none of this one.
    if (kind === 'table') for (const column of ['target', 'text']) draft.set(['data', 'table', column], '')
    // Data that name their parts are parted so, and others no more.
    const { split } = draft.config.data
    if (this.datasets.splitsOf(source)?.includes('given')) draft.set(['data', 'split'], { kind: 'given' })
    else if (split.kind === 'given') draft.reset(['data', 'split'])
    else if ('column' in split) draft.set(['data', 'split', 'column'], '')
    this.warm()
  }

  /** Lays out the settings of a run for other data of its kind: another version of its own, say. */
  trainAgainOn({ config }: RunRecord, source: DataSource): void {
    this.draft?.useConfig({ ...config, data: { ...config.data, source } })
    this.linkNotice = null
    this.warm()
  }

  /** Compiles shaders and estimates cost in the background, for what is on the page now. */
  warm(): void {
    if (!this.draft || this.missingData || this.missingTokenizer) return
    this.datasets.know(this.draft.config.data.source)
    if (this.isTraining) this.estimate?.wait(this.draft.config)
    else this.estimate?.follow(this.draft.config, this.draft.branch?.point ?? null)
  }

  /** Tests every kernel of the adapter anew: what was found wrong may have been only slow, or mended by a new driver. */
  async testKernels(): Promise<void> {
    try {
      await this.#workers?.train.testKernels()
    } catch (error) {
      this.report(error)
    }
    this.warm()
  }

  /** Starts a run of the draft. */
  async startRun(): Promise<void> {
    if (!this.draft || !this.trainer || this.startProblem) return
    this.estimate?.stopMeasuring()
    const { config, preset, branch } = this.draft
    if (branch) await this.trainer.branch({ runId: branch.runId, step: branch.point.step }, config, preset)
    else await this.trainer.start(config, preset, this.#certificateFor(config))
  }

  #certificateFor(config: RunConfig): string | null {
    return this.#certified && isSameTraining(config, this.#certified.config)
      ? this.#certified.certificate
      : null
  }

  /**
   * Lays out the settings of a run, to be changed and started from this kept checkpoint. Whether it could.
   * @param rateFactor on the learning rate that was in force there
   */
  async branchFrom({ id, name, preset }: RunRecord, step: number, rateFactor = 1): Promise<boolean> {
    if (!this.draft || !this.#workers) return false
    try {
      const point = await this.#workers.train.keptPoint(id, step)
      const config = rateFactor === 1 ? point.config : withRateTimes(point, rateFactor)
      this.draft.useBranch({ runId: id, name, point }, preset, config)
      this.linkNotice = null
      return true
    } catch (error) {
      this.report(error)
      return false
    }
  }

  /** The branch's settings stay, for a run that begins anew. */
  leaveBranch(): void {
    this.draft?.leaveBranch()
    this.warm()
  }

  /**
   * Stores dropped files, read as is found in them or as it is told: data becomes a set and the draft's source, a
   * tokenizer.json its tokenizer; a checkpoint becomes a run.
   */
  async drop(files: readonly DroppedFile[], reading: Reading | null = null): Promise<DropOutcome | null> {
    // What is dropped while the page still starts is taken up when it has.
    await this.#started
    const bases = this.draft && { draft: this.draft.config, presets: presets.map(({ config }) => config) }
    const outcome = await this.datasets.drop(files, bases, reading)
    await this.#take(outcome)
    return outcome
  }

  /** As `drop`, of a file of another host. */
  async fetch(address: string): Promise<void> {
    await this.#started
    await this.#take(await this.datasets.fetch(address))
  }

  async #take(outcome: DropOutcome | null): Promise<void> {
    if (!outcome) return
    if (outcome.kind === 'checkpoint') {
      await this.runList.refresh()
      this.imported = [...this.imported.slice(-4), outcome.run]
    } else if (outcome.kind === 'tokenizer') {
      if (this.draft && !this.isTraining && this.#readsTexts(this.draft)) this.useTokenizer(outcome.manifest)
    } else if (this.draft && !this.isTraining) {
      const { sha256, name, sizeBytes, kind } = outcome.manifest
      const source = { kind: 'stored', name, sha256, sizeBytes } as const
      // A text is one whatever is in it, and may be of gigabytes.
      if (kind !== 'text') await this.datasets.describe(source).catch((error: unknown) => this.report(error))
      this.useSource(source, kind)
    }
  }

  report(error: unknown): void {
    this.errors = [...this.errors.slice(-4), { id: ++this.#errorCount, error: toPlainError(error) }]
  }
  dismissImported(runId: string): void {
    this.imported = this.imported.filter((run) => run.runId !== runId)
  }
  dismiss(id: number): void {
    this.errors = this.errors.filter((entry) => entry.id !== id)
  }
}

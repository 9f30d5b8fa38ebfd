import type { Control, DeviceInfo, GenerateRequest, Restart, StartRequest } from '../../workers/protocol.ts'
import { certificateIn } from '../core/certificate.ts'
import { StorageError, toPlainError } from '../core/errors.ts'
import type { MeasuredPart, StoredEvaluation } from '../core/evaluation.ts'
import type { RunConfig } from '../core/runConfig.ts'
import type { SearchQuery, SearchResult } from '../core/search.ts'
import type { PreparedAt } from '../storage/preparedStore.ts'
import type { RunRecord } from '../storage/types.ts'
import { checkpointFile, modelFile } from './checkpointFile.ts'
import { prepareRun } from './prepareRun.ts'
import type { RunList } from './runList.svelte.ts'
import { RunState } from './runState.svelte.ts'
import type { Storage } from './openStorage.ts'
import type { Workers } from './workerClient.ts'

const mostRestarts = 3

/** Starts, continues and steers the one run that this tab trains. */
export class Trainer {
  run: RunState | null = $state.raw(null)
  #workers: Workers
  #storage: Storage
  #runList: RunList
  #report: (error: unknown) => void
  /** Run that was called off while its data was still being read; the worker does not know of it yet. */
  #calledOff: string | null = null
  /** What the worker trains on; null until it is known. */
  #backend: DeviceInfo['backend'] | null = null
  /** What was asked of the run last: a worker that takes it up anew must not undo it. */
  #asked: { wish: 'run' | 'pause' | 'stop'; learningRate: number | null; lossWeights: Map<number, number> } =
    {
      wish: 'run',
      learningRate: null,
      lossWeights: new Map(),
    }

  constructor(workers: Workers, storage: Storage, runList: RunList, report: (error: unknown) => void) {
    this.#workers = workers
    this.#storage = storage
    this.#runList = runList
    this.#report = report
    workers.onTrainEvents((messages) => {
      const { run } = this
      for (const message of messages) if (message.type === 'device') this.#backend = message.device.backend
      const events = messages.flatMap((message) =>
        message.type === 'run' && message.runId === run?.id ? [message.event] : [],
      )
      if (events.length > 0) run?.apply(events)
      for (const message of messages)
        if (message.type === 'unkept' && message.runId === run?.id) run.unkept = message.unkept
      const memory = messages.findLast((message) => message.type === 'memory')
      if (memory && run?.isActive) run.noteMemory(memory.usedBytes)
      if (events.some((event) => event.type === 'checkpoint')) void this.#storage.persist()
    })
    workers.onDataEvents((messages) => {
      const last = messages.findLast((message) => message.type === 'prepare')
      if (last && this.run?.status === 'preparing') {
        this.run.apply([{ type: 'phase', phase: { name: 'reading data', ...last.progress, unit: 'bytes' } }])
      }
    })
  }

  /** A fresh run of a config. `certificate`: of the link that the config came in. */
  async start(config: RunConfig, preset: string | null, certificate: string | null = null): Promise<void> {
    const runId = this.#storage.newRunId()
    this.run = new RunState(runId, config, preset)
    this.run.certificate = certificateIn(certificate)
    const of = certificate === null ? {} : { certificate }
    await this.#launch({ runId, config, preset, isResume: false, parent: null, ...of })
  }

  /** A run of its own from a kept checkpoint of another, with other settings. */
  async branch(
    from: { runId: string; step: number },
    config: RunConfig,
    preset: string | null,
  ): Promise<void> {
    const runId = this.#storage.newRunId()
    const run = new RunState(runId, config, preset)
    run.step = from.step
    this.run = run
    try {
      await this.#workers.train.branch({ runId, parent: from.runId, step: from.step, config })
    } catch (error) {
      return run.apply([
        { type: 'error', step: from.step, error: toPlainError(error) },
        { type: 'status', status: 'failed', step: from.step },
      ])
    }
    await this.#runList.refresh()
    const record = this.#runList.find(runId)
    if (record && this.#calledOff !== runId) await this.continue(record, config)
    else run.apply([{ type: 'status', status: 'stopped', step: from.step }])
  }

  /** Goes on from the run's latest checkpoint, at the exact step. */
  async continue(record: RunRecord, config: RunConfig): Promise<void> {
    const state = (await this.#runList.load(record.id)) ?? new RunState(record.id, config, record.preset)
    state.config = config
    state.status = 'preparing'
    state.error = null
    this.run = state
    await this.#launch({
      runId: record.id,
      config,
      preset: record.preset,
      isResume: true,
      parent: record.parent,
    })
  }

  /** Resolves once the worker has taken the command, not when it has had its effect: that comes as an event. */
  async control(control: Control): Promise<void> {
    if (control.type === 'stop' && this.run?.status === 'preparing') this.#calledOff = this.run.id
    this.#remember(control)
    try {
      await this.#workers.train.control(control)
    } catch (error) {
      this.#report(error)
    }
  }

  #remember(control: Control): void {
    if (control.type === 'set-learning-rate') this.#asked.learningRate = control.value
    else if (control.type === 'set-loss-weight') this.#asked.lossWeights.set(control.loss, control.value)
    else if (control.type === 'stop') this.#asked.wish = 'stop'
    else if (control.type === 'resume') this.#asked.wish = 'run'
    else if (control.type === 'pause' || control.type === 'step') this.#asked.wish = 'pause'
  }

  /** Text that a stored checkpoint writes. Rejects with what is wrong; the caller shows it beside its button. */
  async generate(request: GenerateRequest): Promise<string> {
    return (await this.#workers.train.generate(request)).text
  }

  /** Held-out items that a stored checkpoint of the run finds. Rejects as `generate`. */
  async search({ id, config }: RunState, query: SearchQuery): Promise<SearchResult> {
    const { preparedKey, preparedBytes } = await prepareRun(this.#workers, config)
    return this.#workers.train.search({ runId: id, slot: 'latest', preparedKey, preparedBytes, query })
  }

  /** What a stored checkpoint of a run is worth on a part of its data, with all that was reused. Rejects as `generate`. */
  async evaluate(
    { id, config }: Pick<RunRecord, 'id' | 'config'>,
    slot: 'latest' | 'best',
    part: MeasuredPart,
  ): Promise<StoredEvaluation> {
    const { reports, ...at } = await prepareRun(this.#workers, config)
    const found = await this.#workers.train.evaluate({ runId: id, slot, part, ...at })
    return { ...found, reports: [...reports, ...found.reports] }
  }

  /** The same on all of a stored data set that is not the run's. */
  evaluateOther(
    { id }: Pick<RunRecord, 'id'>,
    slot: 'latest' | 'best',
    sha256: string,
  ): Promise<StoredEvaluation> {
    return this.#workers.train.evaluateOther({ runId: id, slot, sha256 })
  }

  /** The state of a run that could not be stored, as a file to download. Rejects where there is none (any more). */
  async downloadUnkept(run: RunState): Promise<File> {
    const found = await this.#workers.train.unkeptCheckpoint(run.id)
    if (found) return checkpointFile(run.config.name, 'latest', found.step, found.bytes)
    throw new StorageError('The state that could not be stored is no longer in memory', {
      code: 'checkpoint-missing',
      remedy: 'Download the latest checkpoint that was stored, from the run’s page.',
    })
  }

  /** A stored checkpoint's model for others to load, and what people should know of it. Rejects with what is wrong. */
  async downloadModel(
    { id, name }: RunRecord,
    slot: 'latest' | 'best',
  ): Promise<{ file: File; notices: readonly string[] }> {
    const { zip, step, notices } = await this.#workers.train.exportModel(id, slot)
    return { file: modelFile(name, slot, step, zip), notices }
  }

  /** A worker that dies takes nothing stored with it: the run goes on from its last checkpoint, three times at most. */
  async #launch(request: Omit<StartRequest, keyof PreparedAt | 'restart'>): Promise<void> {
    const run = this.run!
    this.#calledOff = null
    this.#asked = { wish: 'run', learningRate: null, lossWeights: new Map() }
    let restart: Restart | null = null
    let backend: DeviceInfo['backend'] | null = null
    try {
      for (let tries = 0; ; tries++) {
        try {
          this.#backend ??= (await this.#workers.boot()).device.backend
          const { reports, ...prepared } = await prepareRun(this.#workers, request.config)
          run.reports = reports
          if (this.#calledOff === run.id)
            return run.apply([{ type: 'status', status: 'stopped', step: run.step }])
          return await this.#workers.train.run({
            ...request,
            ...prepared,
            isResume: request.isResume || (await this.#isStored(run.id)),
            restart,
          })
        } catch (error) {
          if (toPlainError(error).code !== 'worker-died' || tries >= mostRestarts) throw error
          const { message } = toPlainError(error)
          // It was in the worker's memory.
          run.unkept = null
          run.apply([
            {
              type: 'notice',
              step: run.step,
              level: 'warning',
              title: 'The worker was restarted',
              detail: message,
            },
          ])
          const { wish, learningRate, lossWeights } = this.#asked
          if (wish === 'stop') return await this.#endStopped(run)
          backend ??= this.#backend ?? 'webgpu'
          restart = { backend, isPaused: wish === 'pause', learningRate, lossWeights: [...lossWeights] }
        }
      }
    } catch (error) {
      run.apply([
        { type: 'error', step: run.step, error: toPlainError(error) },
        { type: 'status', status: 'failed', step: run.step },
      ])
    } finally {
      await this.#runList.refresh()
    }
  }

  /** The worker died before it could stop: what it would have written is written here. */
  async #endStopped(run: RunState): Promise<void> {
    run.apply([{ type: 'status', status: 'stopped', step: run.step }])
    if (await this.#isStored(run.id)) await this.#storage.patchRun(run.id, { status: 'stopped' })
  }

  async #isStored(runId: string): Promise<boolean> {
    return (await this.#storage.listRuns()).some((entry) => entry.kind === 'run' && entry.run.id === runId)
  }
}

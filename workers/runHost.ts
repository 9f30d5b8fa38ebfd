import { certificateIn } from '../src/core/certificate.ts'
import type { NamedTensors } from '../src/core/hostTensor.ts'
import { BunsenError, DeviceError, toPlainError } from '../src/core/errors.ts'
import { totalStepsOf } from '../src/core/runConfig.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { LiveControls, RunProgress, TrainHost } from '../src/engine/training/runContext.ts'
import { kernelsOfLink, settleKernels } from '../src/engine/training/measuredKernels.ts'
import { createTrainSession, type TrainSession } from '../src/engine/training/trainSession.ts'
import { trainRun } from '../src/engine/training/trainRun.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import type { Connection } from '../src/storage/connection.ts'
import { truncateAfter } from '../src/storage/logStore.ts'
import { getRun, putRun, nextColor, type StoredRun } from '../src/storage/runStore.ts'
import { withPinnedStep } from '../src/storage/stepPins.ts'
import type { DeviceRecord } from '../src/storage/types.ts'
import {
  decodeRunCheckpoint,
  encodeRunCheckpoint,
  freshStart,
  missingCheckpoint,
  restore,
  skippedNotices,
  type RunStart,
} from './checkpointOfRun.ts'
import { CheckpointKeeper, type KeeperOptions } from './checkpointKeeper.ts'
import {
  deviceNotices,
  deviceRecord,
  gpuGone,
  isDeviceLoss,
  isWithoutDevice,
  recoveryEvents,
} from './deviceChange.ts'
import { nextTurn } from './eventLoop.ts'
import { ByHand } from './byHand.ts'
import type { Control, StartRequest } from './protocol.ts'
import { preparedOf } from './preparedOf.ts'
import { Recorder } from './recorder.ts'
import { withRunLock } from './runLock.ts'
import { runData } from './runData.ts'

export interface RunHostOptions {
  storage: Connection
  request: StartRequest
  device(): EngineDevice
  /** A new device in place of a lost one. */
  replaceDevice(): Promise<EngineDevice>
  emit(event: TrainEvent): void
  /** See {@link KeeperOptions}. */
  noteUnkept: KeeperOptions['noteUnkept']
  codeVersion: string
  userAgent: string
  /** Kernels whose twins compute on the device of now. */
  replacedKernels(): readonly string[]
  /** How many the self-test has yet to look at. */
  untestedKernels(): number
}

const mostRecoveries = 3
/** How long after a failure the word of a lost device may come. */
const lossWordMs = 1500
/** Longest stretch without letting messages in. */
const turnEveryMs = 40

/** One run from start to end in this worker: lock, data, checkpoints, records, pauses, and recovery of a lost device. */
export class RunHost {
  readonly runId: string
  #options: RunHostOptions
  readonly #controls: Required<LiveControls> = {
    learningRate: null,
    lossWeights: new Map(),
    demands: new Set(),
  }
  #wish: 'run' | 'pause' | 'stop' = 'run'
  #wake: (() => void) | null = null
  /** Whether a pause was ended, also before it began to wait: its records are written first. */
  #isWoken = false
  readonly #byHand: ByHand
  /** The device of the steps so far; null before the first. */
  #trainedOn: DeviceRecord | null = null

  constructor(options: RunHostOptions) {
    this.#options = options
    const { runId, restart } = options.request
    this.runId = runId
    if (restart?.isPaused) this.#wish = 'pause'
    this.#byHand = new ByHand(restart, this.#controls)
  }

  /** Takes effect between two updates. */
  control(control: Control): void {
    const { demands } = this.#controls
    // Whoever stops does not take it back by a second key.
    const isSteering = control.type === 'pause' || control.type === 'resume' || control.type === 'step'
    if (this.#wish === 'stop' && isSteering) return
    switch (control.type) {
      case 'pause':
        this.#wish = 'pause'
        demands.add('checkpoint')
        return
      case 'stop':
      case 'step':
        this.#wish = control.type === 'stop' ? 'stop' : 'pause'
        demands.add('checkpoint')
        break
      case 'resume':
        this.#wish = 'run'
        break
      case 'set-learning-rate':
      case 'set-loss-weight':
        this.#byHand.set(control)
        return
      default:
        demands.add(control.type)
        return
    }
    this.#isWoken = true
    this.#wake?.()
  }

  /** Trains to the end. Failures are told as events and stored; only what prevents a record at all is thrown. */
  async run(): Promise<void> {
    const { preparedKey } = this.#options.request
    await withRunLock(this.runId, () => withPinnedStep(preparedKey, () => this.#runLocked()))
  }

  async #runLocked(): Promise<void> {
    const { storage, request, emit } = this.#options
    const recorder = new Recorder(storage, request.runId, await this.#record())
    const tell = (event: TrainEvent) => {
      recorder.take(event)
      emit(event)
    }
    const { noteUnkept } = this.#options
    const keeper = new CheckpointKeeper({ storage, runId: request.runId, recorder, tell, noteUnkept })
    let step = 0
    try {
      for (let recoveries = 0; ;) {
        try {
          if (recoveries > 0) await this.#options.replaceDevice()
          else await this.#lookForGpu()
          await this.#trainOnce(recorder, keeper, tell, recoveries > 0, (at) => (step = at))
          return
        } catch (thrown) {
          const error = await this.#lossBehind(thrown)
          // A crashed driver may be some time without an adapter: that is a try too.
          const isInRecovery = recoveries > 0 || request.restart !== null
          const isRecoverable = isDeviceLoss(error) || (isInRecovery && isWithoutDevice(error))
          if (!isRecoverable || recoveries >= mostRecoveries)
            throw isInRecovery && isWithoutDevice(error) ? gpuGone(this.#trainedOn, error) : error
          recoveries++
          recoveryEvents(error, step, recoveries, mostRecoveries).forEach(tell)
        }
      }
    } catch (error) {
      tell({ type: 'error', step, error: toPlainError(error) })
      tell({ type: 'status', status: 'failed', step })
    } finally {
      await recorder.flush().catch((error) => emit({ type: 'error', step, error: toPlainError(error) }))
    }
  }

  /**
   * A dying device fails read-backs and maps with errors of other kinds, some of them before it says that it is lost.
   * What only a device can cause is held back for a moment, to hear whether it is the loss.
   */
  async #lossBehind(error: unknown): Promise<unknown> {
    const isOfDevice =
      error instanceof DeviceError ? error.code !== 'non-finite' : !(error instanceof BunsenError)
    if (!isOfDevice || isDeviceLoss(error) || isWithoutDevice(error)) return error
    const moment = new Promise<null>((resolve) => setTimeout(resolve, lossWordMs, null))
    return (await Promise.race([this.#options.device().lost, moment])) ?? error
  }

  /** The worker may have found only the CPU, in a moment without an adapter: for a run of a GPU it looks again. */
  async #lookForGpu(): Promise<void> {
    const { request, device, replaceDevice } = this.#options
    const backend = request.restart?.backend ?? this.#trainedOn?.backend
    if (backend !== 'webgpu' || device().info.backend === 'webgpu') return
    try {
      await replaceDevice()
    } catch (error) {
      // Who presses Continue is told, and wants to go on; a run that goes on by itself has nobody to ask.
      if (request.restart !== null || !isWithoutDevice(error)) throw error
    }
  }

  /** From here on it is this device's numbers. Says so where the steps before were another's. */
  #noteDevice(recorder: Recorder, tell: (event: TrainEvent) => void, { step, kernels }: RunProgress): void {
    const { device, userAgent, replacedKernels, untestedKernels } = this.#options
    const tested = { replacedKernels: replacedKernels(), untestedKernels: untestedKernels() }
    const former = this.#trainedOn
    this.#trainedOn = {
      ...deviceRecord(device().info, tested),
      userAgent,
      ...(kernels && { measuredKernels: kernels.matmul }),
    }
    recorder.set({ device: this.#trainedOn })
    deviceNotices(former, this.#trainedOn, step).forEach(tell)
  }

  /** Makes or refreshes the row of the run; gives its last metrics. */
  async #record(): Promise<Record<string, number>> {
    const { storage, request, codeVersion } = this.#options
    const now = Date.now()
    if (request.isResume) {
      const stored = await storage.use((db) => getRun(db, request.runId))
      this.#trainedOn = stored.device
      const change = { status: 'preparing', updatedAt: now, codeVersion, error: null } as const
      await storage.use((db) => putRun(db, { ...stored, ...change }))
      return stored.latest
    }
    const color = await storage.use(nextColor)
    const row: StoredRun = {
      id: request.runId,
      version: 1,
      name: request.config.name || 'Unnamed run',
      createdAt: now,
      updatedAt: now,
      status: 'preparing',
      config: request.config,
      preset: request.preset,
      parent: request.parent,
      ...(request.certificate !== undefined && { certificate: request.certificate }),
      step: 0,
      totalSteps: totalStepsOf(request.config),
      elapsedMs: 0,
      latest: {},
      best: null,
      device: null,
      codeVersion,
      error: null,
      color,
      isVisible: true,
      note: '',
      tags: [],
    }
    await storage.use((db) => putRun(db, row))
    return {}
  }

  async #trainOnce(
    recorder: Recorder,
    keeper: CheckpointKeeper,
    tell: (event: TrainEvent) => void,
    isRecovery: boolean,
    noteStep: (step: number) => void,
  ): Promise<void> {
    const { storage, request, device } = this.#options
    tell({ type: 'phase', phase: { name: 'reading data', done: 0, total: 0, unit: '' } })
    const prepared = await storage.use((db) => preparedOf(db, request))
    const data = runData(prepared, request.config)
    const start = await this.#startingPoint(isRecovery, tell)
    tell({ type: 'phase', phase: { name: 'compiling', done: 0, total: 0, unit: '' } })
    const session = createTrainSession({
      device: device(),
      config: request.config,
      facts: data.facts,
    })
    try {
      const { progress } = start
      progress.kernels ??= kernelsOfLink(certificateIn(request.certificate ?? null))
      const { kernels, notices } = await settleKernels({ session, adapter: device().info.name, progress })
      progress.kernels = kernels
      notices.forEach(tell)
      restore(session, start)
      if (request.isResume || isRecovery) {
        recorder.rewind(progress.step)
        await storage.use((db) => truncateAfter(db, request.runId, progress.step))
      }
      this.#noteDevice(recorder, tell, progress)
      this.#byHand.repeat(progress)
      noteStep(progress.step)
      tell({ type: 'status', status: 'running', step: progress.step })
      const { config } = request
      const { coding } = prepared
      const host: TrainHost = {
        now: () => performance.now(),
        saveCheckpoint: (state) =>
          keeper.save(
            state,
            encodeRunCheckpoint({
              ...state,
              config,
              coding,
              parent: start.parentSha256,
              branch: start.branch,
            }),
          ),
        loadBest: async () => {
          const loaded = await storage.use((db) => loadCheckpoint(db, request.runId, 'best'))
          return loaded && { step: loaded.info.step, tensors: tensorsOf(loaded.bytes) }
        },
      }
      const stream = trainRun({
        session,
        config: request.config,
        data,
        host,
        controls: this.#controls,
        progress,
        limit: null,
      })
      await this.#pull(stream, recorder, tell, () => progress.step, noteStep)
    } finally {
      disposeQuietly(session)
    }
  }

  async #pull(
    stream: AsyncGenerator<TrainEvent[]>,
    recorder: Recorder,
    tell: (event: TrainEvent) => void,
    step: () => number,
    noteStep: (step: number) => void,
  ): Promise<void> {
    const device = this.#options.device()
    const lost = device.lost.then((error) => Promise.reject(error))
    lost.catch(() => {})
    let turnedAt = performance.now()
    for (;;) {
      const next = await Promise.race([stream.next(), lost])
      device.throwIfFailed()
      noteStep(step())
      if (next.done) break
      next.value.forEach(tell)
      if (recorder.isDue) await recorder.flush().catch(() => {})
      if (performance.now() - turnedAt > turnEveryMs) {
        await nextTurn()
        turnedAt = performance.now()
      }
      if (this.#wish === 'run' || this.#controls.demands.has('checkpoint')) continue
      if (this.#wish === 'stop') return this.#stop(stream, tell, step())
      this.#isWoken = false
      tell({ type: 'status', status: 'paused', step: step() })
      await recorder.flush().catch(() => {})
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      if (!this.#isWoken) await Promise.race([woken, lost])
      this.#wake = null
      // The pause has kept this very step: there is nothing left to do for a stop.
      if (this.#hasWish('stop')) return this.#stop(stream, tell, step())
      tell({ type: 'status', status: 'running', step: step() })
    }
    tell({ type: 'status', status: 'done', step: step() })
  }

  /** For the compiler, which cannot know that messages change the wish while a run waits. */
  #hasWish(wish: 'run' | 'pause' | 'stop'): boolean {
    return this.#wish === wish
  }

  async #stop(
    stream: AsyncGenerator<TrainEvent[]>,
    tell: (event: TrainEvent) => void,
    step: number,
  ): Promise<void> {
    await stream.return(undefined)
    tell({ type: 'status', status: 'stopped', step })
  }

  async #startingPoint(isRecovery: boolean, tell: (event: TrainEvent) => void): Promise<RunStart> {
    const { storage, request } = this.#options
    if (request.isResume || isRecovery) {
      const loaded = await storage.use((db) => loadCheckpoint(db, request.runId, 'latest'))
      if (loaded) {
        const start = decodeRunCheckpoint(loaded.bytes, request.config)
        skippedNotices(loaded.skipped, start.progress.step).forEach(tell)
        return start
      }
    }
    // Also a run that ended before its first checkpoint: it begins anew, from the weights that it began from.
    const { parent } = request
    if (parent === null) return freshStart()
    const loaded = await storage.use((db) => loadCheckpoint(db, parent, 'latest'))
    if (!loaded) throw missingCheckpoint(parent)
    const { tensors } = decodeRunCheckpoint(loaded.bytes, null)
    return { ...freshStart(), tensors, what: 'weights', parentSha256: loaded.info.sha256 }
  }
}

function tensorsOf(bytes: Uint8Array): NamedTensors {
  return decodeRunCheckpoint(bytes, null).checkpoint.tensors
}

/** Tensors of a lost device cannot always be freed; the error that led here matters more. */
function disposeQuietly(session: TrainSession): void {
  try {
    session.dispose()
  } catch {
    return
  }
}

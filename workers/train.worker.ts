import { BunsenError, toPlainError } from '../src/core/errors.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { createConnection } from '../src/storage/connection.ts'
import { branchStored, keptPoint } from './branchStored.ts'
import { createCatalog } from './catalog.ts'
import { missingCheckpoint } from './checkpointOfRun.ts'
import { estimate } from './estimate.ts'
import { evaluateOther, evaluateStored } from './evaluateStored.ts'
import { exportModel, zipModel } from './exportModel.ts'
import { createEventSink, exposeApi } from './expose.ts'
import { generateText } from './generateText.ts'
import { acquireDevice, type AcquiredDevice } from './gpu.ts'
import { HeldWeights } from './heldWeights.ts'
import { importWeights } from './importWeights.ts'
import { openWeights } from './openWeights.ts'
import type { BootInfo, Control, Phase, TrainWorkerApi, TrainWorkerEvent, Unkept } from './protocol.ts'
import { RunHost } from './runHost.ts'
import { searchStored } from './searchStored.ts'
import { SelfTester } from './selfTester.ts'

/** Owns the GPU: trains, evaluates, estimates, generates. */
let device: EngineDevice | null = null
let preferred: 'webgpu' | 'cpu' | null = null
const storage = createConnection()
let send: (event: TrainWorkerEvent) => void = () => {}
let host: RunHost | null = null
/** Outlives its run: it may end with the disk still full. */
let unkept: (Unkept & { runId: string; bytes: Uint8Array<ArrayBuffer> }) | null = null
/** From the call of `run` on: its database may still be opening. */
let isBusy = false
/** What was asked of a run that is not there yet. */
const early: Control[] = []
/** The estimate under way, so that a start can end it. */
let estimating: AbortController | null = null
let estimateDone: Promise<unknown> = Promise.resolve()

const heldWeights = new HeldWeights()

/** How long a start waits on hardware for the self-test's end; rasterisers take longer, and are known. */
const selfTestWaitMs = 2000

const selfTester = new SelfTester({
  storage,
  codeVersion: __CODE_VERSION__,
  userAgent: navigator.userAgent,
  isIdle: () => users === 0,
  tell: (report) => send({ type: 'self-test', report }),
})
/** How long a test that was asked for may take. */
const askedTestMs = 120_000

/** Who computes on the device now. */
let users = 0

/** Gives `work` the device for itself, apart from other users of it. */
async function withDevice<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
  users++
  try {
    await selfTester.hold(waitMs)
    return await work()
  } finally {
    users--
    if (users === 0) selfTester.goOn()
  }
}

function currentDevice(): EngineDevice {
  if (device) return device
  throw new BunsenError('The train worker was used before it was booted', { code: 'not-booted' })
}

/** Its loss is waited for from now on, and the page learns whose numbers it sees. */
async function adopt(acquired: AcquiredDevice): Promise<EngineDevice> {
  device = acquired.device
  await selfTester.adopt(device)
  send({ type: 'device', device: device.info, gpuProblem: acquired.gpuProblem })
  void watchIdle(device)
  if (users === 0) selfTester.goOn()
  return device
}

/** After a loss the adapter may be stale too, so both are asked for again; a moment later each time. */
async function replaceDevice(): Promise<EngineDevice> {
  device?.dispose()
  await new Promise((resolve) => setTimeout(resolve, 500))
  return adopt(await acquireDevice(preferred === 'cpu' ? 'cpu' : 'webgpu'))
}

function busy(): BunsenError {
  return new BunsenError('Another run is going on in this tab', {
    code: 'busy',
    remedy: 'Stop it first, or wait until it is done.',
  })
}

async function endEstimate(): Promise<void> {
  estimating?.abort()
  await estimateDone.catch(() => {})
}

const api: TrainWorkerApi = {
  async boot({ backend, events }): Promise<BootInfo> {
    send = createEventSink<TrainWorkerEvent>(events)
    preferred = backend
    const acquired = await acquireDevice(backend)
    const { info } = await adopt(acquired)
    return { catalog: createCatalog(), device: info, gpuProblem: acquired.gpuProblem }
  },

  async estimate(config, prepared, isMeasured, branch) {
    const mine = new AbortController()
    const onPhase = (phase: Phase | null) => send({ type: 'warm-up', phase })
    const { signal } = mine
    const options = { config, prepared, branch, device: currentDevice(), isMeasured, signal, onPhase }
    // Counting needs no GPU, so it goes on beside a run.
    if (!isMeasured) return estimate(options)
    estimating?.abort()
    estimating = mine
    // One after the other, however many were asked for: two at a time would share the GPU and both measure wrongly.
    const work = estimateDone
      .catch(() => {})
      .then(() => {
        if (isBusy || mine.signal.aborted)
          throw new BunsenError('The estimate was superseded', { code: 'superseded' })
        return withDevice(0, () => estimate({ ...options, device: currentDevice() }))
      })
    estimateDone = work
    return work
  },

  async testKernels() {
    if (isBusy) throw busy()
    await endEstimate()
    await selfTester.forget()
    await withDevice(askedTestMs, async () => {})
  },

  async keptPoint(runId, step) {
    return storage.use((db) => keptPoint(db, runId, step))
  },

  async branch(request) {
    await storage.use((db) => branchStored(db, request))
  },

  async run(request) {
    if (isBusy) throw busy()
    isBusy = true
    try {
      host = new RunHost({
        storage,
        request,
        device: currentDevice,
        replaceDevice,
        emit: (event) => {
          send({ type: 'run', runId: request.runId, event })
          if (event.type === 'metrics' && device)
            send({ type: 'memory', usedBytes: device.memory().usedBytes })
        },
        noteUnkept(state) {
          const { runId } = request
          if (state) unkept = { runId, ...state }
          else if (unkept?.runId === runId) unkept = null
          send({ type: 'unkept', runId, unkept: state && { step: state.step, error: state.error } })
        },
        codeVersion: __CODE_VERSION__,
        userAgent: navigator.userAgent,
        replacedKernels: () => selfTester.replaced,
        untestedKernels: () => selfTester.untested,
      })
      for (const control of early.splice(0)) host.control(control)
      await endEstimate()
      const running = host
      await withDevice(currentDevice().info.isSoftware ? 0 : selfTestWaitMs, () => running.run())
    } finally {
      host = null
      isBusy = false
      early.length = 0
    }
  },

  async control(control) {
    if (host) host.control(control)
    else if (isBusy) early.push(control)
  },

  async generate(request) {
    const text = await withDevice(0, () => storage.use((db) => generateText(db, currentDevice(), request)))
    return { text }
  },

  async search(request) {
    const asked = { ...request, codeVersion: __CODE_VERSION__ }
    return withDevice(0, () => storage.use((db) => searchStored(db, currentDevice(), asked)))
  },

  async evaluate(request) {
    const asked = { ...request, codeVersion: __CODE_VERSION__ }
    return withDevice(0, () => storage.use((db) => evaluateStored(db, currentDevice(), asked)))
  },

  async evaluateOther(request) {
    const asked = { ...request, codeVersion: __CODE_VERSION__ }
    return withDevice(0, () => storage.use((db) => evaluateOther(db, currentDevice(), asked)))
  },

  async unkeptCheckpoint(runId) {
    return unkept?.runId === runId ? { step: unkept.step, bytes: unkept.bytes } : null
  },

  async exportModel(runId, slot) {
    const loaded = await storage.use((db) => loadCheckpoint(db, runId, slot))
    if (!loaded) throw missingCheckpoint(runId)
    const model = exportModel(loaded.bytes, 'huggingface')
    return { zip: zipModel(model), step: model.step, notices: model.notices }
  },

  async openWeights(request) {
    return storage.use((db) => openWeights(db, heldWeights, request))
  },

  async importWeights({ held, ...request }) {
    const given = { ...request, weights: heldWeights.get(held) }
    return withDevice(0, () => storage.use((db) => importWeights(db, currentDevice(), given)))
  },

  async releaseWeights(held) {
    heldWeights.release(held)
  },
}

exposeApi(api)

/** The device may also go while nothing runs: the next run would find it dead, so it is replaced then. */
async function watchIdle(watched: EngineDevice): Promise<void> {
  const error = await watched.lost
  // It is tried for as long as the page is open, but said once. A run replaces its device itself.
  for (let isTold = false; device === watched; await new Promise((resolve) => setTimeout(resolve, 1000))) {
    if (isBusy) continue
    try {
      await replaceDevice()
    } catch {
      if (!isTold) send({ type: 'device-lost', error: toPlainError(error) })
      isTold = true
    }
  }
}

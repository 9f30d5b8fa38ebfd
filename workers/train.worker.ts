import { BunsenError, toPlainError } from '../src/core/errors.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { openDatabase, type BunsenDatabase } from '../src/storage/database.ts'
import { createCatalog } from './catalog.ts'
import { estimate } from './estimate.ts'
import { createEventSink, exposeApi } from './expose.ts'
import { generateText } from './generateText.ts'
import { acquireDevice } from './gpu.ts'
import { importCheckpoint } from './importCheckpoint.ts'
import type { BootInfo, TrainWorkerApi, TrainWorkerEvent } from './protocol.ts'
import { RunHost } from './runHost.ts'

/** Owns the GPU: trains, evaluates, estimates, generates. */
let device: EngineDevice | null = null
let preferred: 'webgpu' | 'cpu' | null = null
let database: Promise<BunsenDatabase> | null = null
let send: (event: TrainWorkerEvent) => void = () => {}
let host: RunHost | null = null
/** The estimate under way, so that a start can end it. */
let estimating: AbortController | null = null
let estimateDone: Promise<unknown> = Promise.resolve()

function currentDevice(): EngineDevice {
  if (device) return device
  throw new BunsenError('The train worker was used before it was booted', { code: 'not-booted' })
}

function openOnce(): Promise<BunsenDatabase> {
  database ??= openDatabase({ onLost: () => (database = null) })
  database.catch(() => (database = null))
  return database
}

/** After a loss the adapter may be stale too, so both are asked for again; a moment later each time. */
async function replaceDevice(): Promise<EngineDevice> {
  device?.dispose()
  await new Promise((resolve) => setTimeout(resolve, 500))
  device = (await acquireDevice(preferred === 'cpu' ? 'cpu' : 'webgpu')).device
  return device
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
    device = acquired.device
    void watchIdleDevice()
    return { catalog: createCatalog(), device: device.info, gpuProblem: acquired.gpuProblem }
  },

  async estimate(config, prepared, isMeasured) {
    await endEstimate()
    if (host)
      throw new BunsenError('A run is going on; its cost is measured by itself', { code: 'superseded' })
    const mine = new AbortController()
    estimating = mine
    const work = estimate({
      config,
      prepared,
      device: currentDevice(),
      isMeasured,
      signal: mine.signal,
      onPhase: (phase) => send({ type: 'warm-up', phase }),
    })
    estimateDone = work
    return work
  },

  async run(request) {
    if (host) {
      throw new BunsenError('Another run is going on in this tab', {
        code: 'busy',
        remedy: 'Stop it first, or wait until it is done.',
      })
    }
    const mine = new RunHost({
      db: await openOnce(),
      request,
      device: currentDevice,
      replaceDevice,
      emit: (event) => {
        send({ type: 'run', runId: request.runId, event })
        if (event.type === 'metrics' && device) send({ type: 'memory', usedBytes: device.memory().usedBytes })
      },
      codeVersion: __CODE_VERSION__,
      userAgent: navigator.userAgent,
    })
    host = mine
    try {
      await endEstimate()
      await mine.run()
    } finally {
      host = null
    }
  },

  async control(control) {
    host?.control(control)
  },

  async generate(request) {
    return { text: await generateText(await openOnce(), currentDevice(), request) }
  },

  async importCheckpoint(file) {
    return importCheckpoint(await openOnce(), file)
  },

  async release() {
    await endEstimate()
  },
}

exposeApi(api)

/** The device may also go while nothing runs: the next run would find it dead, so it is replaced then. */
async function watchIdleDevice(): Promise<never> {
  for (;;) {
    const error = await currentDevice().lost
    // A run replaces its device itself, and so does this loop: either way there is a new one in a moment.
    if (!host) await replaceDevice().catch(() => send({ type: 'device-lost', error: toPlainError(error) }))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

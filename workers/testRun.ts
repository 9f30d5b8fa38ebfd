import { expect } from 'vitest'
import type { DeviceError } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import { prepareWith } from '../src/data/prepare.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { DeviceInfo, TrainEvent } from '../src/engine/training/types.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { readEvents } from '../src/storage/logStore.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { terminate } from '../src/storage/terminate.ts'
import { createCatalog } from './catalog.ts'
import type { StartRequest } from './protocol.ts'
import { RunHost } from './runHost.ts'

/** For tests of {@link RunHost}: a tiny model on the CPU, a database of its own, a device that can be lost. */
export interface Bench {
  db: BunsenDatabase
  config: RunConfig
  preparedKey: string
  replaced: number
  /** What the self-test found wrong. */
  replacedKernels: readonly string[]
  untestedKernels: number
  /** What the next replacements throw instead of giving a device. */
  refusals: Error[]
  /** Steps of states that could not be stored, as told; null: stored again. */
  unkept: (number | null)[]
  /** The device is now known as another one; it computes as before. */
  become(info: Partial<DeviceInfo>): void
  lose(error: DeviceError): void
  /** Ends the connection that is open now, as a browser does: without asking. */
  endConnection(): void
  /** `db` is a live connection again. */
  reopen(): Promise<void>
  /** A run with its events; `onEvent` may steer it. */
  host(
    request: Partial<StartRequest> & { runId: string },
    onEvent?: (event: TrainEvent, host: RunHost) => void,
  ): { host: RunHost; events: TrainEvent[] }
}

let opened = 0

/** @param options.gpu computes instead of the CPU; `data`, and `stages` each: settings other than the defaults */
export async function openBench(
  totalSteps = 8,
  {
    gpu: hardware = null,
    kernels = 'table',
    data = {},
    stages = [{}],
  }: {
    gpu?: GPU | null
    kernels?: 'table' | 'measured'
    data?: Record<string, unknown>
    stages?: Record<string, unknown>[]
  } = {},
): Promise<Bench> {
  const storage = createConnection({ name: `run-host-${opened++}` })
  const db = await storage.get()
  const config = parseRunConfig(createRunSchema(createCatalog()), {
    seed: 0,
    data,
    model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8, dropoutRate: 0.1 },
    stages: stages.map((stage) => ({ totalSteps, batchSize: 2, evaluateEvery: 3, ...stage })),
    evaluation: { batches: 1, checkpointEvery: 3, sampleEvery: 0 },
    kernels,
  })
  const text = 'It was the best of times, it was the worst of times. '.repeat(8)
  const { prepared } = await prepareWith(new StepRunner(createStepStore(db)), {
    kind: 'text',
    async *content() {
      yield new TextEncoder().encode(text)
    },
    sizeBytes: text.length,
    contentSha256: '0'.repeat(64),
    data: config.data,
    seed: config.seed,
  })
  const real = await createDevice({ backend: hardware ? 'webgpu' : 'cpu', gpu: hardware })
  let lose: (error: DeviceError) => void = () => {}
  const gpu: DeviceInfo = { ...real.info, backend: 'webgpu', name: 'Test GPU' }
  const fresh = (info = gpu): EngineDevice => ({
    ...real,
    info,
    lost: new Promise((resolve) => (lose = resolve)),
  })
  let device = fresh()
  const bench: Bench = {
    db,
    config,
    preparedKey: prepared.key,
    replaced: 0,
    replacedKernels: [],
    untestedKernels: 0,
    refusals: [],
    unkept: [],
    lose: (error) => lose(error),
    endConnection: () => void storage.get().then(terminate),
    async reopen() {
      bench.db = await storage.get()
    },
    become: (info) => void (device = fresh({ ...gpu, ...info })),
    host(request, onEvent = () => {}) {
      const events: TrainEvent[] = []
      const host = new RunHost({
        storage,
        request: {
          config,
          preparedKey: prepared.key,
          preparedBytes: null,
          preset: null,
          isResume: false,
          parent: null,
          restart: null,
          ...request,
        },
        device: () => device,
        replaceDevice() {
          bench.replaced++
          const refusal = bench.refusals.shift()
          if (refusal) return Promise.reject(refusal)
          device = fresh()
          return Promise.resolve(device)
        },
        emit(event) {
          events.push(event)
          onEvent(event, host)
        },
        noteUnkept: (state) => void bench.unkept.push(state && state.step),
        codeVersion: 'test',
        userAgent: 'test',
        replacedKernels: () => bench.replacedKernels,
        untestedKernels: () => bench.untestedKernels,
      })
      return { host, events }
    },
  }
  return bench
}

/** The losses of a run that nothing happens to, and the bytes of its weights. */
export async function uninterrupted(bench: Bench) {
  const { host, events } = bench.host({ runId: 'whole' })
  await host.run()
  expect(statusesOf(events).at(-1)).toBe('done')
  return { losses: lossesOf(events), tensors: await tensorBytes(bench.db, 'whole') }
}

/** Tensors of the latest checkpoint alone: the header also holds times. */
export async function tensorBytes(db: BunsenDatabase, runId: string): Promise<Uint8Array> {
  const { bytes } = (await loadCheckpoint(db, runId, 'latest'))!
  const headerSize = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return bytes.slice(8 + headerSize)
}

/** Does something once, when the loss of a step is told. */
export function at(step: number, act: (host: RunHost) => void) {
  let isDone = false
  return (event: TrainEvent, host: RunHost) => {
    if (isDone || event.type !== 'metrics' || event.step < step || !('train/loss' in event.values)) return
    isDone = true
    act(host)
  }
}

/** Steps whose losses are stored, in the order in which they are. */
export async function loggedSteps(db: BunsenDatabase, runId: string): Promise<number[]> {
  return (await readEvents(db, runId)).flatMap(({ event }) => {
    const { type, step, values } = event as Extract<TrainEvent, { type: 'metrics' }>
    return type === 'metrics' && 'train/loss' in values ? [step] : []
  })
}

/** Losses by step. A step that was told twice must have had the same loss both times. */
export function lossesOf(events: readonly TrainEvent[]): Record<number, number> {
  const losses: Record<number, number> = {}
  for (const event of events) {
    if (event.type !== 'metrics') continue
    const loss = event.values['train/loss']
    if (loss === undefined) continue
    expect(losses[event.step] ?? loss).toBe(loss)
    losses[event.step] = loss
  }
  return losses
}

export function statusesOf(events: readonly TrainEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'status' ? [event.status] : []))
}

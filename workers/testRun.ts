import { expect } from 'vitest'
import type { DeviceError } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import { prepareText } from '../src/data/prepare.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { openDatabase, type BunsenDatabase } from '../src/storage/database.ts'
import { savePrepared } from '../src/storage/preparedStore.ts'
import { createCatalog } from './catalog.ts'
import type { StartRequest } from './protocol.ts'
import { RunHost } from './runHost.ts'

/** For tests of {@link RunHost}: a tiny model on the CPU, a database of its own, a device that can be lost. */
export interface Bench {
  db: BunsenDatabase
  config: RunConfig
  preparedKey: string
  replaced: number
  /** What the next replacements throw instead of giving a device. */
  refusals: Error[]
  lose(error: DeviceError): void
  /** A run with its events; `onEvent` may steer it. */
  host(
    request: Partial<StartRequest> & { runId: string },
    onEvent?: (event: TrainEvent, host: RunHost) => void,
  ): { host: RunHost; events: TrainEvent[] }
}

let opened = 0

export async function openBench(totalSteps = 8): Promise<Bench> {
  const db = await openDatabase({ name: `run-host-${opened++}` })
  const config = parseRunConfig(createRunSchema(createCatalog()), {
    seed: 0,
    model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8, dropoutRate: 0.1 },
    stages: [{ totalSteps, batchSize: 2, evaluateEvery: 3 }],
    evaluation: { batches: 1, checkpointEvery: 3, sampleEvery: 0 },
  })
  const text = 'It was the best of times, it was the worst of times. '.repeat(8)
  const prepared = await prepareText({
    async *textChunks() {
      yield text
    },
    sizeBytes: text.length,
    contentSha256: '0'.repeat(64),
    data: config.data,
    seed: config.seed,
  })
  await savePrepared(db, prepared)
  const real = await createDevice({ backend: 'cpu', gpu: null })
  let lose: (error: DeviceError) => void = () => {}
  const fresh = (): EngineDevice => ({ ...real, lost: new Promise((resolve) => (lose = resolve)) })
  let device = fresh()
  const bench: Bench = {
    db,
    config,
    preparedKey: prepared.key,
    replaced: 0,
    refusals: [],
    lose: (error) => lose(error),
    host(request, onEvent = () => {}) {
      const events: TrainEvent[] = []
      const host = new RunHost({
        db,
        request: {
          config,
          preparedKey: prepared.key,
          preset: null,
          isResume: false,
          parent: null,
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
        codeVersion: 'test',
        userAgent: 'test',
      })
      return { host, events }
    },
  }
  return bench
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

import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { BunsenError } from '../core/errors.ts'
import { createRunSchema, defaultRunConfig } from '../core/runConfig.ts'
import type { DataWorkerEvent, StartRequest, TrainWorkerEvent } from '../../workers/protocol.ts'
import { RunList } from './runList.svelte.ts'
import { Trainer } from './trainer.svelte.ts'
import type { Storage } from './openStorage.ts'
import type { Workers } from './workerClient.ts'

const config = defaultRunConfig(createRunSchema(testCatalog))

/** Workers that do what a test says; `run` gets each request. */
function setUp(run: (request: StartRequest, emit: (events: TrainWorkerEvent[]) => void) => Promise<void>) {
  let emit: (events: TrainWorkerEvent[]) => void = () => {}
  let emitData: (events: DataWorkerEvent[]) => void = () => {}
  let finishPrepare: () => void = () => {}
  const prepared = { key: 'k', vocabSize: 2, trainTokens: 9, validationTokens: 9 }
  const requests: StartRequest[] = []
  const workers = {
    train: {
      run: (request: StartRequest) => (requests.push(request), run(request, emit)),
      control: () => Promise.resolve(),
    },
    data: { prepare: () => new Promise((resolve) => (finishPrepare = () => resolve(prepared))) },
    onTrainEvents: (listener: typeof emit) => (emit = listener),
    onDataEvents: (listener: typeof emitData) => (emitData = listener),
  }
  let persisted = 0
  const storage = {
    newRunId: () => 'run-1',
    listRuns: () => Promise.resolve([]),
    persist: () => Promise.resolve(++persisted > 0),
  }
  const trainer = new Trainer(
    workers as unknown as Workers,
    storage as unknown as Storage,
    new RunList(() => {}),
    () => {},
  )
  return {
    trainer,
    requests,
    finishPrepare: () => finishPrepare(),
    emitData: (e: DataWorkerEvent[]) => emitData(e),
    persisted: () => persisted,
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

describe('Trainer', () => {
  it('shows how far the data is read, then hands the key to the worker', async () => {
    const { trainer, requests, finishPrepare, emitData } = setUp(async ({ runId }, emit) => {
      emit([{ type: 'run', runId, event: { type: 'status', status: 'done', step: 3 } }])
    })
    const started = trainer.start(config, null)
    await turn()
    emitData([{ type: 'prepare', progress: { done: 5, total: 10 } }])
    expect(trainer.run?.phase).toEqual({ name: 'reading data', done: 5, total: 10, unit: 'bytes' })
    finishPrepare()
    await started
    expect(requests).toMatchObject([{ runId: 'run-1', preparedKey: 'k', isResume: false }])
    expect(trainer.run?.status).toBe('done')
  })

  it('can be called off while the data is read: the worker never hears of it', async () => {
    const { trainer, requests, finishPrepare } = setUp(() => Promise.resolve())
    const started = trainer.start(config, null)
    await turn()
    await trainer.control({ type: 'stop' })
    finishPrepare()
    await started
    expect(requests).toEqual([])
    expect(trainer.run?.status).toBe('stopped')
  })

  it('goes on after a dead worker, three times, then says so', async () => {
    const died = new BunsenError('A worker stopped working', { code: 'worker-died', remedy: 'Continue.' })
    const { trainer, requests, finishPrepare } = setUp(() => Promise.reject(died))
    const started = trainer.start(config, null)
    for (let i = 0; i < 12; i++) {
      await turn()
      finishPrepare()
    }
    await started
    expect(requests).toHaveLength(4)
    expect(trainer.run?.status).toBe('failed')
    expect(trainer.run?.error?.code).toBe('worker-died')
  })

  it('asks the browser to keep what is stored after a checkpoint', async () => {
    const { trainer, finishPrepare, persisted } = setUp(async ({ runId }, emit) => {
      emit([{ type: 'run', runId, event: { type: 'checkpoint', step: 1, slot: 'latest', sizeBytes: 1 } }])
    })
    const started = trainer.start(config, null)
    await turn()
    finishPrepare()
    await started
    expect(persisted()).toBe(1)
  })
})

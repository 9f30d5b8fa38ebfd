import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { BunsenError, toPlainError } from '../core/errors.ts'
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
  const prepared = { key: 'k', isKept: true, reports: [{ step: 'text/tokens' }] }
  const requests: StartRequest[] = []
  const workers = {
    train: {
      run: (request: StartRequest) => (requests.push(request), run(request, emit)),
      control: () => Promise.resolve(),
      unkeptCheckpoint: () => Promise.resolve(null),
      exportModel: (_id: string, slot: string) =>
        Promise.resolve({ zip: new TextEncoder().encode(slot), step: 7, notices: ['said of it'] }),
    },
    data: {
      prepare: () => new Promise((resolve) => (finishPrepare = () => resolve(prepared))),
      takeUnkept: (key: string) => Promise.resolve(new TextEncoder().encode(key)),
    },
    boot: () => Promise.resolve({ device: { backend: 'webgpu' } }),
    onTrainEvents: (listener: typeof emit) => (emit = listener),
    onDataEvents: (listener: typeof emitData) => (emitData = listener),
  }
  let persisted = 0
  const stored = new Set<string>()
  const patches: object[] = []
  const storage = {
    newRunId: () => 'run-1',
    listRuns: () => Promise.resolve([...stored].map((id) => ({ kind: 'run', run: { id } }))),
    patchRun: (id: string, change: object) => Promise.resolve(void patches.push({ id, ...change })),
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
    prepared,
    stored,
    patches,
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
    expect(requests).toMatchObject([
      { runId: 'run-1', preparedKey: 'k', preparedBytes: null, isResume: false },
    ])
    expect(trainer.run?.status).toBe('done')
  })

  it('hands on what could not be stored, and shows what was reused', async () => {
    const { trainer, requests, prepared, finishPrepare } = setUp(() => Promise.resolve())
    prepared.isKept = false
    const started = trainer.start(config, null)
    await turn()
    finishPrepare()
    await started
    expect(requests).toMatchObject([{ preparedKey: 'k', preparedBytes: Uint8Array.of(107) }])
    expect(trainer.run?.reports).toEqual([{ step: 'text/tokens' }])
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

  describe('after a dead worker', () => {
    const died = new BunsenError('A worker stopped working', { code: 'worker-died', remedy: 'Continue.' })

    /** A run whose worker dies after `steer` has had its way, once; gives the requests of both workers. */
    async function runThatDies(steer: (trainer: Trainer) => Promise<void>) {
      const bench = setUp(async ({ restart, runId }, emit) => {
        if (restart) return
        bench.stored.add(runId)
        emit([{ type: 'run', runId, event: { type: 'status', status: 'running', step: 4 } }])
        await steer(bench.trainer)
        throw died
      })
      const started = bench.trainer.start(config, null)
      for (let i = 0; i < 6; i++) {
        await turn()
        bench.finishPrepare()
      }
      await started
      return bench
    }

    it('takes a run up on the same kind of device', async () => {
      const { requests } = await runThatDies(() => Promise.resolve())
      expect(requests[0]!.restart).toBe(null)
      expect(requests[1]).toMatchObject({
        isResume: true,
        restart: { backend: 'webgpu', isPaused: false, learningRate: null },
      })
    })

    it('no longer offers a state that was only in its memory', async () => {
      const { trainer } = await runThatDies((running) => {
        running.run!.unkept = { step: 4, error: toPlainError(new Error('disk full')) }
        return Promise.resolve()
      })
      expect(trainer.run!.unkept).toBeNull()
      await expect(trainer.downloadUnkept(trainer.run!)).rejects.toMatchObject({ code: 'checkpoint-missing' })
    })

    it('leaves a paused run paused, with what was set in the pause', async () => {
      const { requests } = await runThatDies(async (trainer) => {
        await trainer.control({ type: 'pause' })
        await trainer.control({ type: 'set-learning-rate', value: 0.25 })
        await trainer.control({ type: 'set-loss-weight', loss: 1, value: 2 })
      })
      expect(requests[1]!.restart).toEqual({
        backend: 'webgpu',
        isPaused: true,
        learningRate: 0.25,
        lossWeights: [[1, 2]],
      })
    })

    it('lets a run that was resumed go on', async () => {
      const { requests } = await runThatDies(async (trainer) => {
        await trainer.control({ type: 'pause' })
        await trainer.control({ type: 'resume' })
      })
      expect(requests[1]!.restart).toMatchObject({ isPaused: false })
    })

    it('does not take up a run that was being stopped, and records the stop', async () => {
      const { requests, trainer, patches } = await runThatDies((running) => running.control({ type: 'stop' }))
      expect(requests).toHaveLength(1)
      expect(trainer.run?.status).toBe('stopped')
      expect(patches).toEqual([{ id: 'run-1', status: 'stopped' }])
    })
  })

  it('gives a checkpoint’s model as a file named after its run, with what is to be known of it', async () => {
    const { trainer } = setUp(() => Promise.resolve())
    const run = { id: 'run-1', name: 'My run!' } as Parameters<typeof trainer.downloadModel>[0]
    const { file, notices } = await trainer.downloadModel(run, 'best')
    expect([file.name, await file.text()]).toEqual(['my-run-best-step7-model.zip', 'best'])
    expect(notices).toEqual(['said of it'])
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

import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { DeviceError } from '../src/core/errors.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { readEvents } from '../src/storage/logStore.ts'
import { getRun } from '../src/storage/runStore.ts'
import { at, lossesOf, openBench, statusesOf, tensorBytes, uninterrupted, type Bench } from './testRun.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})

describe('a run whose worker died', () => {
  const restart = { backend: 'webgpu', isPaused: false, learningRate: null, lossWeights: [] } as const
  const noAdapter = () => new DeviceError('none', { code: 'no-adapter', remedy: 'Update the driver.' })
  const cpu = { backend: 'cpu', name: 'Test CPU' } as const

  /** Trained to its checkpoint of step 3 and a little on, as a worker leaves it that dies. */
  async function cutOff(): Promise<void> {
    const first = bench.host(
      { runId: 'a' },
      at(4, (host) => host.control({ type: 'stop' })),
    )
    await first.host.run()
  }

  it('is refused on the CPU after three looks for its GPU, and keeps its checkpoint and its device', async () => {
    await cutOff()
    const kept = (await loadCheckpoint(bench.db, 'a', 'latest'))!.info
    bench.become(cpu)
    bench.refusals.push(noAdapter(), noAdapter(), noAdapter(), noAdapter())
    const { host, events } = bench.host({ runId: 'a', isResume: true, restart })
    await host.run()
    expect(bench.replaced).toBe(4)
    expect(lossesOf(events)).toEqual({})
    expect(await getRun(bench.db, 'a')).toMatchObject({
      status: 'failed',
      error: { code: 'gpu-gone', message: expect.stringContaining('Test GPU') as string },
      device: { backend: 'webgpu', name: 'Test GPU' },
    })
    expect((await loadCheckpoint(bench.db, 'a', 'latest'))!.info).toEqual(kept)
  })

  it('goes on to the same bits where its GPU comes back', async () => {
    const whole = await uninterrupted(bench)
    await cutOff()
    bench.become(cpu)
    bench.refusals.push(noAdapter())
    const { host, events } = bench.host({ runId: 'a', isResume: true, restart })
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
    expect(await getRun(bench.db, 'a')).toMatchObject({ device: { name: 'Test GPU' } })
  })

  it('stays paused at the step of its checkpoint until it is resumed', async () => {
    await cutOff()
    const { step } = (await loadCheckpoint(bench.db, 'a', 'latest'))!.info
    const pausedAt: number[] = []
    const { host, events } = bench.host(
      { runId: 'a', isResume: true, restart: { ...restart, isPaused: true } },
      (event, running) => {
        if (event.type !== 'status' || event.status !== 'paused') return
        pausedAt.push(event.step)
        setTimeout(() => running.control({ type: 'resume' }), 1)
      },
    )
    await host.run()
    expect(pausedAt).toEqual([step])
    expect(statusesOf(events).at(-1)).toBe('done')
  })

  it('has the learning rate again that was set by hand after its checkpoint', async () => {
    await cutOff()
    const { host, events } = bench.host({
      runId: 'a',
      isResume: true,
      restart: { ...restart, learningRate: 0.5 },
    })
    await host.run()
    expect(events.find((event) => event.type === 'edit')).toMatchObject({ value: 0.5 })
  })

  it('goes on on the CPU when a person continues it there, and says from which step', async () => {
    await cutOff()
    const { step } = (await loadCheckpoint(bench.db, 'a', 'latest'))!.info
    bench.become(cpu)
    bench.refusals.push(noAdapter())
    const { host, events } = bench.host({ runId: 'a', isResume: true })
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('done')
    const notices = events.filter((event) => event.type === 'notice')
    expect(notices).toMatchObject([{ level: 'warning', step }])
    expect(notices[0]!.title).toMatch(/on Test CPU.*were done on Test GPU/)
    expect(await getRun(bench.db, 'a')).toMatchObject({ device: { name: 'Test CPU' } })
    const logged = (await readEvents(bench.db, 'a')).map(({ event }) => event as TrainEvent)
    expect(logged.filter((event) => event.type === 'notice')).toEqual(notices)
  })
})

import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DeviceError, StorageError } from '../src/core/errors.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { readEvents } from '../src/storage/logStore.ts'
import { deleteRun, getRun } from '../src/storage/runStore.ts'
import {
  at,
  loggedSteps,
  lossesOf,
  openBench,
  statusesOf,
  tensorBytes,
  uninterrupted,
  type Bench,
} from './testRun.ts'

const lost = () => new DeviceError('GPU: the device must stay, got lost', { code: 'device-lost' })

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})

describe('a run that is steered', () => {
  it('pauses, goes on, stops and goes on in another worker to the very bits of one left alone', async () => {
    const whole = await uninterrupted(bench)
    const steer = at(2, (host) => host.control({ type: 'pause' }))
    const first = bench.host({ runId: 'a' }, (event, host) => {
      steer(event, host)
      if (event.type !== 'status' || event.status !== 'paused') return
      setTimeout(() => host.control({ type: 'resume' }), 1)
      setTimeout(() => host.control({ type: 'stop' }), 2)
    })
    await first.host.run()
    expect(statusesOf(first.events)).toContain('paused')
    expect(statusesOf(first.events).at(-1)).toBe('stopped')
    const { step } = await getRun(bench.db, 'a')
    expect(step).toBeLessThan(8)
    const second = bench.host({ runId: 'a', isResume: true })
    await second.host.run()
    expect(lossesOf([...first.events, ...second.events])).toEqual(whole.losses)
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
    expect(await getRun(bench.db, 'a')).toMatchObject({ status: 'done', step: 8 })
    expect(await loggedSteps(bench.db, 'a'), 'each step once').toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('stops from a pause at the step that it paused at', async () => {
    const steer = at(2, (host) => host.control({ type: 'pause' }))
    let pausedAt = 0
    const { host, events } = bench.host({ runId: 'a' }, (event, running) => {
      steer(event, running)
      if (event.type !== 'status' || event.status !== 'paused') return
      pausedAt = event.step
      setTimeout(() => running.control({ type: 'stop' }), 1)
    })
    await host.run()
    expect(events.at(-1)).toEqual({ type: 'status', status: 'stopped', step: pausedAt })
  })

  it('does not take back a stop for a later pause', async () => {
    const { host, events } = bench.host(
      { runId: 'a' },
      at(2, (running) => {
        running.control({ type: 'stop' })
        running.control({ type: 'pause' })
      }),
    )
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('stopped')
    expect(statusesOf(events)).not.toContain('paused')
  })

  it('does one update a step and waits again', async () => {
    const paused: number[] = []
    const steer = at(2, (host) => host.control({ type: 'pause' }))
    const { host } = bench.host({ runId: 'a' }, (event, running) => {
      steer(event, running)
      if (event.type !== 'status' || event.status !== 'paused') return
      paused.push(event.step)
      setTimeout(() => running.control({ type: paused.length < 3 ? 'step' : 'stop' }), 1)
    })
    await host.run()
    expect(paused.map((step) => step - paused[0]!)).toEqual([0, 1, 2])
  })

  it('refuses a learning rate that is not a number and trains on', async () => {
    const { host, events } = bench.host(
      { runId: 'a' },
      at(2, (running) => {
        expect(() => running.control({ type: 'set-learning-rate', value: NaN })).toThrow(/must be a number/)
      }),
    )
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('done')
  })
})

describe('a lost device', () => {
  it.each([2, 5])('lost after step %i, ends in the same bits on a new one', async (step) => {
    const whole = await uninterrupted(bench)
    const { host, events } = bench.host(
      { runId: 'a' },
      at(step, () => bench.lose(lost())),
    )
    await host.run()
    expect(bench.replaced).toBe(1)
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(lossesOf(events)).toEqual(whole.losses)
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
    expect(await loggedSteps(bench.db, 'a'), 'each step once').toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const log = await readEvents(bench.db, 'a')
    expect(log.some(({ event }) => (event as TrainEvent).type === 'notice')).toBe(true)
  })

  it('is recognised behind a read-back that failed before the loss was told', async () => {
    const whole = await uninterrupted(bench)
    const { host, events } = bench.host(
      { runId: 'a' },
      at(5, () => {
        if (bench.replaced > 0) return
        setTimeout(() => bench.lose(lost()), 50)
        throw new Error('AbortError: the buffer was unmapped before mapping was resolved')
      }),
    )
    await host.run()
    expect(bench.replaced).toBe(1)
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
  })

  it('gives up after three tries, keeping the checkpoint', async () => {
    const { host, events } = bench.host({ runId: 'a' }, (event) => {
      if (event.type === 'metrics' && event.step >= 4) bench.lose(lost())
    })
    await host.run()
    expect(bench.replaced).toBe(3)
    expect(statusesOf(events).at(-1)).toBe('failed')
    expect(await getRun(bench.db, 'a')).toMatchObject({ status: 'failed', error: { code: 'device-lost' } })
    expect((await loadCheckpoint(bench.db, 'a', 'latest'))?.info.step).toBe(3)
  })

  it('counts a moment without an adapter as a try, not as the end', async () => {
    bench.refusals.push(new DeviceError('none', { code: 'no-adapter' }))
    const { host, events } = bench.host(
      { runId: 'a' },
      at(4, () => bench.lose(lost())),
    )
    await host.run()
    expect(bench.replaced).toBe(2)
    expect(statusesOf(events).at(-1)).toBe('done')
  })

  it('lost during a pause, comes back to a pause', async () => {
    let pauses = 0
    const steer = at(4, (host) => host.control({ type: 'pause' }))
    const { host, events } = bench.host({ runId: 'a' }, (event, running) => {
      steer(event, running)
      if (event.type !== 'status' || event.status !== 'paused') return
      if (++pauses === 1) setTimeout(() => bench.lose(lost()), 1)
      else setTimeout(() => running.control({ type: 'resume' }), 1)
    })
    await host.run()
    expect(pauses).toBe(2)
    expect(statusesOf(events).at(-1)).toBe('done')
  })

  it('keeps the learning rate that was set by hand', async () => {
    const { host, events } = bench.host({ runId: 'a' }, (event, running) => {
      if (event.type !== 'metrics') return
      if (event.step === 4) running.control({ type: 'set-learning-rate', value: 0.5 })
      if (event.step === 5 && bench.replaced === 0) bench.lose(lost())
    })
    await host.run()
    expect(bench.replaced).toBe(1)
    expect(events.findLast((event) => event.type === 'edit')?.value).toBe(0.5)
    const { bytes } = (await loadCheckpoint(bench.db, 'a', 'latest'))!
    expect(new TextDecoder().decode(bytes)).toContain('\\"setting\\":\\"learningRate\\"')
  })
})

describe('a run from the weights of another', () => {
  it('begins from them again where it was lost before its first checkpoint', async () => {
    await uninterrupted(bench)
    const child = bench.host({ runId: 'b', parent: 'whole' })
    await child.host.run()
    const again = bench.host(
      { runId: 'c', parent: 'whole' },
      at(1, () => bench.lose(lost())),
    )
    await again.host.run()
    expect(bench.replaced).toBe(1)
    expect(lossesOf(again.events)).toEqual(lossesOf(child.events))
  })
})

describe('storage that fails under a run', () => {
  it('trains on without room for checkpoints and says so', async () => {
    const estimate = vi.fn(() => Promise.resolve({ quota: 10, usage: 10 }))
    vi.stubGlobal('navigator', { storage: { estimate } })
    const { host, events } = bench.host({ runId: 'a' })
    await host.run().finally(() => vi.unstubAllGlobals())
    expect(estimate).toHaveBeenCalled()
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(Object.keys(lossesOf(events))).toHaveLength(8)
    const notices = events.filter((event) => event.type === 'notice')
    expect(notices).toHaveLength(1)
    expect(notices[0]?.title).toMatch(/^The checkpoint of step 3 was not stored: .* 0 B of the 10 B/)
    expect(bench.unkept).toEqual([3, 6, 8])
  })

  it('holds the state that cannot be stored, and says when it can be again', async () => {
    const full = { quota: 10, usage: 10 }
    vi.stubGlobal('navigator', { storage: { estimate: () => Promise.resolve({ ...full }) } })
    const { host, events } = bench.host(
      { runId: 'a' },
      at(5, () => void (full.quota = 1e9)),
    )
    await host.run().finally(() => vi.unstubAllGlobals())
    expect(bench.unkept).toEqual([3, null])
    expect(events.filter((event) => event.type === 'notice').map(({ title }) => title)).toEqual([
      expect.stringMatching(/^The checkpoint of step 3 was not stored/),
      'Checkpoints are stored again',
    ])
    expect(await tensorBytes(bench.db, 'a')).toEqual((await uninterrupted(bench)).tensors)
  })

  it('says that checkpoints are stored again also where the device was lost meanwhile', async () => {
    const full = { quota: 10, usage: 10 }
    vi.stubGlobal('navigator', { storage: { estimate: () => Promise.resolve({ ...full }) } })
    const { host, events } = bench.host(
      { runId: 'a' },
      at(5, () => {
        full.quota = 1e9
        bench.lose(lost())
      }),
    )
    await host.run().finally(() => vi.unstubAllGlobals())
    expect(bench.replaced).toBe(1)
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(bench.unkept.slice(0, 2)).toEqual([3, null])
    expect(bench.unkept.at(-1)).toBeNull()
  })

  it('is opened anew when the browser ends the connection, and no record is missing', async () => {
    const whole = await uninterrupted(bench)
    const { host, events } = bench.host({ runId: 'a' }, (event) => {
      // Right before a checkpoint, in the middle of it, and before the last records.
      if (event.type === 'metrics' && [2, 3, 6, 8].includes(event.step)) bench.endConnection()
    })
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(events.filter((event) => event.type === 'notice')).toEqual([])
    await bench.reopen()
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
    expect(await loggedSteps(bench.db, 'a'), 'each step once').toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await getRun(bench.db, 'a')).toMatchObject({ status: 'done', step: 8 })
  })

  it('trains on when the run is deleted meanwhile and says so', async () => {
    const { host, events } = bench.host(
      { runId: 'a' },
      at(1, () => void deleteRun(bench.db, 'a')),
    )
    await host.run()
    expect(Object.keys(lossesOf(events))).toHaveLength(8)
    expect(events.some((event) => event.type === 'notice')).toBe(true)
    await expect(getRun(bench.db, 'a')).rejects.toBeInstanceOf(StorageError)
  })
})

it('keeps with the run how many kernels were untested when it began', async () => {
  bench.untestedKernels = 3
  const { host, events } = bench.host({ runId: 'a' })
  await host.run()
  expect(events.filter(({ type }) => type === 'notice')).toEqual([])
  expect(await getRun(bench.db, 'a')).toMatchObject({ device: { untestedKernels: 3 } })
})

it('says where slower kernels compute, and keeps that with the run', async () => {
  bench.replacedKernels = ['layerNorm']
  const { host, events } = bench.host({ runId: 'a' })
  await host.run()
  const notices = events.filter((event) => event.type === 'notice')
  expect(notices.map(({ title }) => title)).toEqual([
    'Without the fast form of layerNorm, which the self-test found wrong on Test GPU',
  ])
  expect(await getRun(bench.db, 'a')).toMatchObject({ device: { replacedKernels: ['layerNorm'] } })
})

import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../tests/helpers/gpu.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { getRun } from '../src/storage/runStore.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'
import { at, openBench, statusesOf } from './testRun.ts'

const gpu = await gpuForTests()
const told = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'notice' && /measured/.test(event.title) ? [event.title] : []))

describe('a run with measured kernels', () => {
  it.skipIf(gpu === null)(
    gpu === null
      ? 'skipped, there is no WebGPU adapter'
      : 'keeps them in its record and its checkpoint, measures once, and goes on with them',
    async () => {
      const bench = await openBench(8, { gpu, kernels: 'measured' })
      const first = bench.host(
        { runId: 'a' },
        at(3, (host) => host.control({ type: 'stop' })),
      )
      await first.host.run()
      expect(statusesOf(first.events).at(-1)).toBe('stopped')
      expect(told(first.events)).toHaveLength(1)
      const { bytes } = (await loadCheckpoint(bench.db, 'a', 'latest'))!
      const { kernels } = decodeRunCheckpoint(bytes, bench.config).progress
      expect(kernels!.adapter).toBe('Test GPU')
      expect((await getRun(bench.db, 'a')).device).toMatchObject({ measuredKernels: kernels!.matmul })
      const second = bench.host({ runId: 'a', isResume: true })
      await second.host.run()
      expect(statusesOf(second.events).at(-1)).toBe('done')
      expect(told(second.events)).toEqual([])
      expect((await getRun(bench.db, 'a')).device).toMatchObject({ measuredKernels: kernels!.matmul })
      const moved = bench.host(
        { runId: 'b' },
        at(3, (host) => host.control({ type: 'stop' })),
      )
      await moved.host.run()
      bench.become({ name: 'Another GPU' })
      const third = bench.host({ runId: 'b', isResume: true })
      await third.host.run()
      expect(told(third.events)).toEqual([expect.stringContaining('measured on Another GPU')])
    },
    60_000,
  )

  it('measures nothing on the CPU, which has one way to multiply', async () => {
    const bench = await openBench(3, { kernels: 'measured' })
    const { host, events } = bench.host({ runId: 'a' })
    await host.run()
    expect(statusesOf(events).at(-1)).toBe('done')
    expect(told(events)).toEqual([])
    expect((await getRun(bench.db, 'a')).device).not.toHaveProperty('measuredKernels')
  })
})

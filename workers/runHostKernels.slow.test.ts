import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { encodeCertificate } from '../src/core/certificate.ts'
import { gpuForTests } from '../tests/helpers/gpu.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { getRun } from '../src/storage/runStore.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'
import { at, openBench, statusesOf, type Bench } from './testRun.ts'

const gpu = await gpuForTests()
const told = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'notice' && /measured/.test(event.title) ? [event.title] : []))

async function kernelsOf({ db, config }: Bench, runId: string) {
  const { bytes } = (await loadCheckpoint(db, runId, 'latest'))!
  return decodeRunCheckpoint(bytes, config).progress.kernels
}

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
      const kernels = await kernelsOf(bench, 'a')
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

  it.skipIf(gpu === null)(
    gpu === null
      ? 'of a link: skipped, there is no WebGPU adapter'
      : 'takes those that a link names for its adapter, and measures where it names another, or what is unknown',
    async () => {
      const bench = await openBench(3, { gpu, kernels: 'measured' })
      const first = bench.host({ runId: 'a' })
      await first.host.run()
      const { matmul } = (await kernelsOf(bench, 'a'))!
      // Other ones than were measured: only the link can say so.
      const kernels = Object.fromEntries(Object.keys(matmul).map((product) => [product, 'registers-4x8']))
      const certificate = { adapter: 'Test GPU', browser: 'b', codeVersion: 'c', losses: [1], kernels }
      const runOf = async (runId: string, of: typeof certificate) => {
        const { host, events } = bench.host({ runId, certificate: encodeCertificate(of) })
        await host.run()
        expect(statusesOf(events).at(-1)).toBe('done')
        return told(events)
      }
      expect(await runOf('b', certificate)).toEqual([])
      expect((await kernelsOf(bench, 'b'))!.matmul).toEqual(kernels)
      expect((await getRun(bench.db, 'b')).certificate).toBe(encodeCertificate(certificate))
      expect(await runOf('c', { ...certificate, adapter: 'Another GPU' })).toHaveLength(1)
      const unknown = { ...certificate, kernels: { 'nn 8 8 8': 'no kernel' } }
      expect(await runOf('d', unknown)).toHaveLength(1)
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

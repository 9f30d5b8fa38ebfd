import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { setLogSink } from '../src/core/log.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { LabBackend } from '../src/engine/backend/labBackend.ts'
import { scalar, backend as currentBackend } from '../src/engine/backend/tfjs.ts'
import { isSwitchedOff } from '../src/engine/kernels/mode.ts'
import { defineSelfTest } from '../src/engine/selfTest/defineSelfTest.ts'
import { createConnection } from '../src/storage/connection.ts'
import { gpuForTests } from '../tests/helpers/gpu.ts'
import type { SelfTestReport } from './protocol.ts'
import { SelfTester } from './selfTester.ts'

const gpu = await gpuForTests()
const title = `SelfTester${gpu ? '' : ': skipped, there is no WebGPU adapter'}`
let databases = 0

/** Two kernels, the first of which is wrong, and how often each was tested. */
function bench() {
  const tested = { dropout: 0, rmsNorm: 0 }
  const testOf = (id: keyof typeof tested) =>
    defineSelfTest({
      id,
      cases: () => [
        {
          name: 'one number',
          compute(backend) {
            if (backend !== null && !backend.isRecording) tested[id]++
            return [scalar(backend !== null && id === 'dropout' ? 2 : 1)]
          },
        },
      ],
    })
  const storage = createConnection({ name: `self-tester-${databases++}` })
  const reports: SelfTestReport[] = []
  const tester = (codeVersion = 'one', userAgent = 'browser') =>
    new SelfTester({
      storage,
      codeVersion,
      userAgent,
      isIdle: () => true,
      tell: (report) => reports.push(report),
      tests: [testOf('dropout'), testOf('rmsNorm')],
    })
  return { tested, storage, reports, tester }
}

describe.skipIf(gpu === null)(title, () => {
  const onGpu = async (use: (device: EngineDevice) => Promise<void>): Promise<void> => {
    const device = await createDevice({ backend: 'webgpu', gpu })
    await use(device)
    device.dispose()
  }

  it('tests once, and keeps the result for the adapter, the browser and the version', async () => {
    await onGpu(async (device) => {
      const { tested, tester, reports } = bench()
      const first = tester()
      await first.adopt(device)
      expect(reports).toEqual([{ verdicts: [], total: 2, replaced: [] }])
      expect(first.untested).toBe(2)
      await first.hold(20_000)
      expect(tested).toEqual({ dropout: 1, rmsNorm: 1 })
      expect(reports.at(-1)).toMatchObject({ total: 2, replaced: ['dropout'] })
      expect(reports.at(-1)!.verdicts).toMatchObject([
        { kernel: 'dropout', isRight: false, worstError: 1, isTwinRight: true },
        { kernel: 'rmsNorm', isRight: true, worstError: 0 },
      ])
      const times = reports.at(-1)!.verdicts.map(({ elapsedMs }) => elapsedMs)
      expect(times.every((elapsedMs) => elapsedMs >= 0 && elapsedMs < 20_000)).toBe(true)
      expect(first.untested).toBe(0)

      await first.forget()
      expect(first.replaced).toEqual([])
      await first.hold(20_000)
      expect(tested).toEqual({ dropout: 2, rmsNorm: 2 })
      expect(first.replaced).toEqual(['dropout'])

      const again = tester()
      await again.adopt(device)
      await again.hold(20_000)
      expect(reports.at(-1)!.verdicts).toHaveLength(2)
      expect(reports.at(-1)!.verdicts.map(({ elapsedMs }) => elapsedMs)).not.toContain(undefined)
      expect(again.replaced).toEqual(['dropout'])
      expect(tested).toEqual({ dropout: 2, rmsNorm: 2 })

      const elsewhere = { ...device, info: { ...device.info, description: 'another card' } }
      for (const [other, on] of [
        [tester('two'), device],
        [tester('one', 'newer browser'), device],
        [tester(), elsewhere],
      ] as const) {
        await other.adopt(on)
        expect(reports.at(-1)!.verdicts).toEqual([])
      }
    })
  })

  it('switches off on the next device what was wrong on the one before', async () => {
    const { tester } = bench()
    const one = tester()
    await onGpu(async (device) => {
      await one.adopt(device)
      await one.hold(20_000)
    })
    await onGpu(async (device) => {
      await one.adopt(device)
      const backend = currentBackend() as LabBackend
      expect(isSwitchedOff(backend, 'dropout')).toBe(true)
      expect(isSwitchedOff(backend, 'rmsNorm')).toBe(false)
    })
  })

  it('begins by itself when nobody uses the device, and yields to whoever does', async () => {
    await onGpu(async (device) => {
      const { tested, tester, reports } = bench()
      const one = tester()
      await one.adopt(device)
      one.goOn()
      await one.hold()
      await new Promise((resolve) => setTimeout(resolve, 1200))
      expect(tested).toEqual({ dropout: 0, rmsNorm: 0 })
      one.goOn()
      await expect.poll(() => reports.at(-1)!.verdicts.length, { timeout: 20_000 }).toBe(2)
    })
  })

  it('has nothing to test on the CPU, and goes without storage', async () => {
    const { tester, reports, storage } = bench()
    const told: string[] = []
    const cpu = await createDevice({ backend: 'cpu', gpu: null })
    const one = tester()
    await one.adopt(cpu)
    await one.hold(20_000)
    expect(reports.at(-1)).toEqual({ verdicts: [], total: 0, replaced: [] })
    await onGpu(async (device) => {
      storage.use = () => Promise.reject(new Error('no storage'))
      const other = tester()
      await other.adopt(device)
      setLogSink((level, area) => void told.push(`${level} ${area}`))
      await other.hold(20_000)
      setLogSink(null)
      expect(reports.at(-1)!.verdicts).toHaveLength(2)
      expect(told).toEqual(['warn self-test'])
    })
  })
})

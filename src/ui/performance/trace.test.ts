import { describe, expect, it } from 'vitest'
import { fakeProfile } from '../../../tests/helpers/fakeProfile.ts'
import { Series } from '../../runs/series.ts'
import { toTrace, type TraceEvent } from './trace.ts'

const context = { runName: 'Tiny', adapter: 'llvmpipe' }
type Complete = Extract<TraceEvent, { ph: 'X' }>
const traceOf = (profile = fakeProfile(), memory = new Series()) => {
  const text = JSON.stringify(toTrace({ step: 7, profile }, { ...context, memory }))
  const { traceEvents, metadata } = JSON.parse(text) as ReturnType<typeof toTrace>
  const complete = traceEvents.filter((event): event is Complete => event.ph === 'X')
  return { traceEvents, metadata, complete, gpu: complete.filter(({ cat }) => cat === 'gpu') }
}

describe('the trace', () => {
  it('has the fields that the format asks for, with finite times from 0', () => {
    const { traceEvents, complete } = traceOf()
    for (const event of traceEvents) {
      expect(['X', 'M']).toContain(event.ph)
      expect(event.name).not.toBe('')
      expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true)
    }
    for (const { ts, dur } of complete) {
      expect(Number.isFinite(ts) && ts >= 0).toBe(true)
      expect(Number.isFinite(dur) && dur >= 0).toBe(true)
    }
    const rows = new Set(complete.map(({ tid }) => tid))
    const named = traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid)
    expect(new Set(named)).toEqual(rows)
  })

  it('is in order of time, and adds up to the time on the GPU and in JavaScript, in microseconds', () => {
    const { complete, gpu } = traceOf()
    const times = gpu.map(({ ts }) => ts)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(gpu.reduce((sum, { dur }) => sum + dur, 0)).toBeCloseTo(2135, 6)
    expect(complete[0]).toMatchObject({ cat: 'host', ts: 0, dur: 420 })
    expect(gpu[0]!.ts).toBe(420)
  })

  it('tells what each dispatch did, and of which run, step and adapter', () => {
    const { gpu, metadata } = traceOf()
    expect(gpu[2]).toMatchObject({ name: 'matmul', args: { index: 2, flops: 12_582_912, bytes: 574_208 } })
    expect(gpu[2]!.args['GFLOP/s']).toBeCloseTo(12_582_912 / 150e-6 / 1e9, 6)
    expect(gpu[3]!.args).not.toHaveProperty('flops')
    expect(metadata).toMatchObject({ adapter: 'llvmpipe', run: 'Tiny', step: 7 })
  })

  it('puts dispatches that overlap on rows of their own', () => {
    const { dispatches } = fakeProfile()
    const wide = dispatches!.map((one) => ({ ...one, durationMs: one.durationMs * 2 }))
    const { gpu } = traceOf(fakeProfile({ dispatches: wide }))
    for (const tid of new Set(gpu.map((event) => event.tid))) {
      const row = gpu.filter((event) => event.tid === tid)
      row.slice(1).forEach(({ ts }, i) => expect(ts).toBeGreaterThanOrEqual(row[i]!.ts + row[i]!.dur - 1e-6))
    }
    expect(gpu).toHaveLength(dispatches!.length)
  })

  it('draws the memory of the run as a curve, with the step where it was measured', () => {
    const memory = new Series()
    for (const [step, bytes, elapsedMs] of [
      [0, 1000, 0.5],
      [6, 3000, 40],
      [12, 2000, 90.25],
    ] as const)
      memory.push(step, bytes, elapsedMs)
    const { traceEvents, complete, gpu } = traceOf(fakeProfile(), memory)
    const curve = traceEvents.filter((event) => event.ph === 'C')
    expect(curve.map(({ ts, args }) => [ts, args])).toEqual([
      [500, { bytes: 1000 }],
      [40_000, { bytes: 3000 }],
      [90_250, { bytes: 2000 }],
    ])
    expect(new Set(curve.map(({ name }) => name)).size).toBe(1)
    expect(complete[0]).toMatchObject({ cat: 'host', ts: 40_000, dur: 420 })
    expect(gpu[0]!.ts).toBe(40_420)
  })

  it('has the host alone where no dispatch was timed', () => {
    expect(traceOf(fakeProfile({ dispatches: null })).complete.map(({ cat }) => cat)).toEqual(['host'])
  })
})

import { describe, expect, it } from 'vitest'
import { ReadBack } from './readBack.ts'
import type { TrainHost } from './runContext.ts'
import type { StepReadings, StepRequest } from './trainSession.ts'

/** A device whose steps end when the test says so, and a clock that stands still. */
function bench() {
  const clock = { ms: 0 }
  const host = { now: () => clock.ms } as TrainHost
  const readBack = new ReadBack(host, { name: 'itemsPerSecond', perStep: 4 })
  const ends: (() => void)[] = []
  const asked: number[] = []
  const push = (step: number): void => {
    const reading: StepReadings = { loss: step, parts: {}, gradNorm: 1 } as StepReadings
    const read = () => {
      asked.push(step)
      return new Promise<StepReadings>((resolve) => (ends[step] = () => resolve(reading)))
    }
    readBack.push({ read, discard() {} }, { step, learningRate: 0.1 } as StepRequest)
  }
  const stepsOf = async (taken: ReturnType<ReadBack['take']>) =>
    (await taken).map(({ request }) => request.step)
  return { clock, readBack, ends, asked, push, stepsOf }
}

describe('readings', () => {
  it('are asked for when they are due, and taken while the device is at the next update', async () => {
    const { clock, readBack, ends, asked, push, stepsOf } = bench()
    push(0)
    expect(await stepsOf(readBack.take(false))).toEqual([])
    expect(asked).toEqual([])
    clock.ms = 130
    push(1)
    // Due, and not waited for.
    expect(await stepsOf(readBack.take(false))).toEqual([])
    expect(asked).toEqual([0, 1])
    push(2)
    expect(await stepsOf(readBack.take(false))).toEqual([])
    clock.ms = 140
    ends[0]!()
    ends[1]!()
    await Promise.resolve()
    await new Promise((resolve) => setTimeout(resolve))
    push(3)
    const taken = await readBack.take(false)
    expect(taken.map(({ request }) => request.step)).toEqual([0, 1])
    // Two updates in the time until they were here.
    expect(taken[0]!.elapsedMs).toBe(70)
    expect(taken[0]!.values['itemsPerSecond']).toBeCloseTo((4 * 1000) / 70)
    expect(asked).toEqual([0, 1])
  })

  it('are waited for in the next round where updates are slow, so that one update is always under way', async () => {
    const { clock, readBack, ends, asked, push, stepsOf } = bench()
    clock.ms = 500
    push(0)
    expect(await stepsOf(readBack.take(false))).toEqual([])
    clock.ms = 1000
    push(1)
    const second = readBack.take(false)
    ends[0]!()
    expect(await stepsOf(second)).toEqual([0])
    expect(asked).toEqual([0, 1])
  })

  it('come all, in order, where they are forced', async () => {
    const { clock, readBack, ends, push, stepsOf } = bench()
    clock.ms = 500
    push(0)
    await readBack.take(false)
    push(1)
    push(2)
    const all = readBack.take(true)
    ends[0]!()
    await new Promise((resolve) => setTimeout(resolve))
    ends[1]!()
    ends[2]!()
    expect(await stepsOf(all)).toEqual([0, 1, 2])
    expect(await stepsOf(readBack.take(true))).toEqual([])
  })

  it('never wait in larger numbers than the ring holds', async () => {
    const { readBack, ends, asked, push } = bench()
    for (let step = 0; step < 32; step++) push(step)
    expect(await readBack.take(false)).toEqual([])
    expect(asked.length).toBe(32)
    for (let step = 32; step < 64; step++) push(step)
    const taken = readBack.take(false)
    ends.slice(0, 32).forEach((end) => end())
    expect((await taken).length).toBe(32)
    expect(asked.length).toBe(64)
  })

  it('tell no speed where the clock was set anew while they were on their way', async () => {
    const { clock, readBack, ends, push } = bench()
    clock.ms = 500
    push(0)
    await readBack.take(false)
    ends[0]!()
    await new Promise((resolve) => setTimeout(resolve))
    clock.ms = 900
    readBack.restartClock()
    const [reading] = await readBack.take(true)
    expect(reading!.elapsedMs).toBe(0)
    expect(reading!.values).toEqual({ 'train/loss': 0, learningRate: 0.1, gradNorm: 1 })
  })

  it('throw a failure where they are waited for, and not before', async () => {
    const { clock, readBack } = bench()
    clock.ms = 500
    const lost = { read: () => Promise.reject(new Error('lost')), discard() {} }
    readBack.push(lost, { step: 0, learningRate: 0.1 } as StepRequest)
    expect(await readBack.take(false)).toEqual([])
    await expect(readBack.take(true)).rejects.toThrow('lost')
  })
})

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

/** Readings of one update that took so long: from then on the time of updates is known. */
async function takeFirst({ clock, readBack, ends, push }: ReturnType<typeof bench>, elapsedMs: number) {
  push(0)
  await readBack.take(false)
  clock.ms += elapsedMs
  ends[0]!()
  await new Promise((resolve) => setTimeout(resolve))
  expect(await readBack.take(false)).toHaveLength(1)
}

describe('readings', () => {
  it('of the first update are asked for at once, and no update but the next waits for the device meanwhile', async () => {
    const { readBack, ends, asked, push, stepsOf } = bench()
    push(0)
    expect(await stepsOf(readBack.take(false))).toEqual([])
    expect(asked).toEqual([0])
    push(1)
    const second = readBack.take(false)
    let isHere = false
    void second.then(() => (isHere = true))
    await new Promise((resolve) => setTimeout(resolve))
    expect(isHere).toBe(false)
    ends[0]!()
    expect(await stepsOf(second)).toEqual([0])
  })

  it.each([
    [500, 1],
    [50, 2],
    [10, 12],
    [0.1, 32],
  ])('of updates of %d ms are asked for %d at a time', async (elapsedMs, together) => {
    const opened = bench()
    await takeFirst(opened, elapsedMs)
    for (let step = 1; step < together; step++) {
      opened.push(step)
      await opened.readBack.take(false)
      expect(opened.asked).toEqual([0])
    }
    opened.push(together)
    await opened.readBack.take(false)
    expect(opened.asked).toHaveLength(1 + together)
  })

  it('are asked for when they are due, and taken while the device is at the next update', async () => {
    const opened = bench()
    const { clock, readBack, ends, asked, push, stepsOf } = opened
    await takeFirst(opened, 10)
    push(1)
    clock.ms += 130
    push(2)
    // Due, and not waited for.
    expect(await stepsOf(readBack.take(false))).toEqual([])
    expect(asked).toEqual([0, 1, 2])
    push(3)
    expect(await stepsOf(readBack.take(false))).toEqual([])
    clock.ms += 10
    ends[1]!()
    ends[2]!()
    await new Promise((resolve) => setTimeout(resolve))
    push(4)
    const taken = await readBack.take(false)
    expect(taken.map(({ request }) => request.step)).toEqual([1, 2])
    // Two updates in the time until they were here.
    expect(taken[0]!.elapsedMs).toBe(70)
    expect(taken[0]!.values['itemsPerSecond']).toBeCloseTo((4 * 1000) / 70)
    expect(asked).toEqual([0, 1, 2])
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
    const opened = bench()
    const { readBack, ends, asked, push } = opened
    await takeFirst(opened, 0.1)
    for (let step = 1; step <= 32; step++) push(step)
    expect(await readBack.take(false)).toEqual([])
    expect(asked.length).toBe(33)
    for (let step = 33; step <= 64; step++) push(step)
    const taken = readBack.take(false)
    ends.slice(1, 33).forEach((end) => end())
    expect((await taken).length).toBe(32)
    expect(asked.length).toBe(65)
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

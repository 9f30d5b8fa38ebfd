import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeDevice, fakeWorkers } from '../../tests/helpers/fakeWorkers.ts'
import { fakeCatalog } from '../../tests/helpers/fakeCatalog.ts'
import { createRunSchema, parseRunConfig } from '../core/runConfig.ts'
import { EstimateState } from './estimate.svelte.ts'

const schema = createRunSchema(fakeCatalog)
const config = (numLayers: number, seed = 1) => parseRunConfig(schema, { seed, model: { numLayers } })

/** The state, and what it asked of the workers. */
function setUp() {
  const asked: string[] = []
  const workers = fakeWorkers(fakeDevice)
  const { estimate } = workers.train
  workers.train.estimate = (given, prepared, isMeasured, branch) => {
    asked.push(isMeasured ? 'measure' : 'count')
    return estimate(given, prepared, isMeasured, branch)
  }
  const { prepare } = workers.data
  workers.data.prepare = (...args) => {
    asked.push('prepare')
    return prepare(...args)
  }
  return { state: new EstimateState(workers), asked }
}

describe('EstimateState', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('counts once the data is known, then measures what has been still', async () => {
    const { state, asked } = setUp()
    state.follow(config(4))
    await vi.advanceTimersByTimeAsync(299)
    expect([asked, state.value]).toEqual([[], null])
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toEqual(['prepare', 'count', 'measure'])
    expect(state.value!.memory.isExact).toBe(false)
    await vi.advanceTimersByTimeAsync(2000)
    expect(state.value!.memory.isExact).toBe(true)
    expect(state.isBusy).toBe(false)
  })

  it('counts another model of the same data at once, and shows nothing for other data until it is counted', async () => {
    const { state, asked } = setUp()
    state.follow(config(4))
    await vi.advanceTimersByTimeAsync(3000)
    const before = state.value!.parameterCount
    asked.length = 0
    state.follow(config(8))
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual(['count'])
    expect(state.value!.parameterCount).toBeGreaterThan(before)
    state.follow(config(8, 2))
    expect(state.value).toBeNull()
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked).toEqual(['count', 'prepare', 'count', 'measure'])
    expect(state.value!.memory.isExact).toBe(true)
  })

  it('puts away what it knows of another configuration while a run goes on, and keeps what it knows of this', async () => {
    const { state } = setUp()
    const first = config(4)
    state.follow(first)
    await vi.advanceTimersByTimeAsync(3000)
    state.wait(first)
    expect([state.value === null, state.isOf(first)]).toEqual([false, true])
    state.wait(config(8))
    expect([state.value, state.isBusy, state.isOf(first)]).toEqual([null, false, false])
    await vi.advanceTimersByTimeAsync(3000)
    expect(state.value).toBeNull()
  })

  it('does not measure after a start', async () => {
    const { state, asked } = setUp()
    state.follow(config(4))
    state.stopMeasuring()
    await vi.advanceTimersByTimeAsync(3000)
    expect(asked).toEqual(['prepare', 'count'])
    expect(state.value!.memory.isExact).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { createSharedReading } from './sharedReading.ts'

const tick = () => new Promise((resolve) => setTimeout(resolve))

/** Readings that give so many pieces, each after a moment, and say how they went. */
function source(count: number, failure: Error | null = null) {
  const told = { begun: 0, given: 0, aborted: 0 }
  async function* read(signal: AbortSignal) {
    told.begun++
    signal.addEventListener('abort', () => told.aborted++)
    for (let i = 0; i < count && !signal.aborted; i++) {
      await tick()
      told.given++
      yield Uint8Array.of(i)
    }
    if (failure) throw failure
  }
  return { told, read }
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<number[]> {
  const found: number[] = []
  for await (const piece of pieces) found.push(...piece)
  return found
}

describe('a shared reading', () => {
  it('is one for all who come while it goes on or after it, from its first piece', async () => {
    const shared = createSharedReading()
    const { told, read } = source(5)
    const early = [all(shared('a', read)), all(shared('a', read))]
    await tick()
    await tick()
    const late = all(shared('a', read))
    for (const found of [...early, late]) expect(await found).toEqual([0, 1, 2, 3, 4])
    expect(await all(shared('a', read))).toEqual([0, 1, 2, 3, 4])
    expect(told).toEqual({ begun: 1, given: 5, aborted: 0 })
  })

  it('does not wait for one who reads slowly', async () => {
    const shared = createSharedReading()
    const { read } = source(5)
    const slow = shared('a', read)
    await slow.next()
    expect(await all(shared('a', read))).toEqual([0, 1, 2, 3, 4])
    expect(await all(slow)).toEqual([1, 2, 3, 4])
  })

  it('is let go of once another content is read', async () => {
    const shared = createSharedReading()
    const [a, b] = [source(2), source(2)]
    await all(shared('a', a.read))
    await all(shared('b', b.read))
    await all(shared('a', a.read))
    expect([a.told.begun, b.told.begun]).toEqual([2, 1])
  })

  it('is aborted when all have left, and not while one is at it', async () => {
    const shared = createSharedReading()
    const { told, read } = source(5)
    const [one, other] = [shared('a', read), shared('a', read)]
    await one.next()
    await other.next()
    await one.return()
    expect(told.aborted).toBe(0)
    await other.return()
    expect(told.aborted).toBe(1)
    expect(await all(shared('a', read))).toEqual([0, 1, 2, 3, 4])
    expect(told.begun).toBe(2)
  })

  it('fails for all who are at it, and is begun anew by the next', async () => {
    const shared = createSharedReading()
    const broken = source(2, new Error('offline'))
    const both = [all(shared('a', broken.read)), all(shared('a', broken.read))]
    for (const found of await Promise.allSettled(both))
      expect(found).toMatchObject({ status: 'rejected', reason: { message: 'offline' } })
    expect(broken.told.begun).toBe(1)
    expect(await all(shared('a', source(2).read))).toEqual([0, 1])
  })
})

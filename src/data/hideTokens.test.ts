import { describe, expect, it } from 'vitest'
import { hideTokens, type HidingRequest } from './hideTokens.ts'

const seqLen = 50
const request = (change: Partial<HidingRequest> = {}): HidingRequest => ({
  tokens: Int32Array.from({ length: 200 * seqLen }, (_, i) => (7 * i) % 30),
  seqLen,
  vocabSize: 30,
  rate: 0.15,
  seed: 1,
  step: 3,
  firstRow: 0,
  ...change,
})

describe('hidden tokens', () => {
  it('are asked for where they were, and changed nowhere else', () => {
    const { tokens } = request()
    const { ids, targets } = hideTokens(request())
    targets.forEach((target, place) => {
      if (target === -1) expect(ids[place]).toBe(tokens[place])
      else expect(target).toBe(tokens[place])
    })
  })

  it('are as many as the rate says: eight in ten hidden, one another, one as it was', () => {
    const { tokens } = request()
    const { ids, targets } = hideTokens(request())
    const asked = [...targets.keys()].filter((place) => targets[place] !== -1)
    // 10,000 tokens: a deviation of a share of 0.15 is 0.0036.
    expect(Math.abs(asked.length / tokens.length - 0.15)).toBeLessThan(0.015)
    const share = (is: (place: number) => boolean) => asked.filter(is).length / asked.length
    expect(Math.abs(share((place) => ids[place] === 30) - 0.8)).toBeLessThan(0.05)
    // One in thirty of the random ones is the token itself.
    expect(Math.abs(share((place) => ids[place] === tokens[place]) - 0.1 - 0.1 / 30)).toBeLessThan(0.04)
    expect(Math.max(...ids)).toBe(30)
  })

  it('are one in each sequence at least', () => {
    const { targets } = hideTokens(request({ rate: 0 }))
    for (let first = 0; first < targets.length; first += seqLen)
      expect(targets.subarray(first, first + seqLen).filter((target) => target !== -1)).toHaveLength(1)
  })

  it('are drawn from seed, step and row: two halves of a batch hide what the whole does', () => {
    const { tokens } = request()
    const whole = hideTokens(request())
    expect(hideTokens(request())).toEqual(whole)
    const half = (row: number) =>
      hideTokens(request({ tokens: tokens.subarray(row * seqLen, (row + 100) * seqLen), firstRow: row }))
    expect([...half(0).ids, ...half(100).ids]).toEqual([...whole.ids])
    for (const change of [{ seed: 2 }, { step: 4 }]) expect(hideTokens(request(change))).not.toEqual(whole)
  })
})

import { describe, expect, it } from 'vitest'
import { fakePlan } from '../../../tests/helpers/fakePlan.ts'
import { formatPlanned, isOverBudget, planNotes, shareOfMemory } from './memoryParts.ts'

type Plan = Parameters<typeof planNotes>[0]

const plan = fakePlan

describe('the memory plan in words', () => {
  it('lists what takes memory, largest first', () => {
    expect(shareOfMemory(plan).map(({ name, bytes }) => [name, bytes])).toEqual([
      ['activations', 20e6],
      ['optimizer', 8e6],
      ['parameters', 4e6],
      ['gradients', 4e6],
    ])
  })

  it('tells an estimate from a count', () => {
    expect(formatPlanned(plan, plan.total)).toBe('≈ 36 MB')
    expect(formatPlanned({ ...plan, isExact: true }, plan.total)).toBe('36 MB')
    expect(planNotes(plan)[0]).toMatch(/may differ/)
    expect(planNotes({ ...plan, isExact: true })[0]).toMatch(/^Counted in a recorded step/)
  })

  it('says what is over the budget and what to do, and claims no fit where a buffer is too large', () => {
    expect([isOverBudget(plan), isOverBudget({ ...plan, budget: 36e6 - 1 })]).toEqual([false, true])
    const notes = (change: Partial<Plan>) => planNotes({ ...plan, ...change }).join(' ')
    expect(notes({})).not.toMatch(/budget|checkpointing|Logits/)
    expect(notes({ areLogitsInParts: true })).toMatch(/Logits .* never stored as a whole/)
    expect(notes({ isExact: true })).toMatch(/Every buffer fits/)
    expect(notes({})).not.toMatch(/fits/)
    expect(notes({ budget: 30e6 })).toMatch(/No step is tried/)
    expect(notes({ budget: 30e6 })).toMatch(
      /over the memory budget of 30 MB: .*, turn on gradient checkpointing,/,
    )
    expect(notes({ budget: 30e6, isCheckpointed: true })).not.toMatch(/turn on/)
    expect(notes({ isExact: true, largest: { ...plan.largest, sizeBytes: 200e6 } })).not.toMatch(/fits/)
    expect(notes({ limit: null })).not.toMatch(/WebGPU/)
  })
})

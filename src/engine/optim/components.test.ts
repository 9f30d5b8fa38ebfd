import { describe, expect, it } from 'vitest'
import { checkComponents, matchesName, phaseStart, treatmentOf } from './components.ts'

const names = [
  'transformer.wte.weight',
  'transformer.h.1.attn.c_attn.weight',
  'transformer.h.10.attn.c_attn.bias',
  'lm_head.weight',
]
const component = (match: string, isFrozen = false, learningRateMultiplier = 1) => ({
  match,
  isFrozen,
  unfreezeAt: 0,
  learningRateMultiplier,
  hasOwnDecay: false,
  weightDecay: 0.5,
})

describe('matchesName', () => {
  const matched = (match: string) => names.filter((name) => matchesName(match, name))

  it('takes beginnings that end at a dot', () => {
    expect(matched('transformer.h.1')).toEqual([names[1]])
    expect(matched('transformer.h.')).toEqual([names[1], names[2]])
    expect(matched('transformer.h.1.at')).toEqual([])
    expect(matched(names[0]!)).toEqual([names[0]])
  })

  it('lets a star stand for anything, dots too', () => {
    expect(matched('*')).toEqual(names)
    expect(matched('transformer.h.1*')).toEqual([names[1], names[2]])
    expect(matched('*.bias')).toEqual([names[2]])
    expect(matched('transformer.*.c_attn')).toEqual([names[1], names[2]])
    expect(matched('')).toEqual([])
  })

  it('takes pattern characters literally', () => {
    expect(matchesName('a.c', 'abc')).toBe(false)
    expect(matchesName('(.+)+$', names[0]!)).toBe(false)
  })

  it('answers at once for a pattern made of stars', () => {
    const started = performance.now()
    expect(matchesName(`${'*a'.repeat(99)}!`, 'a'.repeat(2000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('components', () => {
  it('lets the first match decide and leaves the rest alone', () => {
    const components = [component('transformer.h.1', true), component('transformer', false, 0.1)]
    expect(treatmentOf(components, names[1]!, 0).isFrozen).toBe(true)
    expect(treatmentOf(components, names[2]!, 0).learningRateMultiplier).toBe(0.1)
    expect(treatmentOf(components, names[3]!, 0)).toEqual({
      isFrozen: false,
      learningRateMultiplier: 1,
      weightDecay: null,
    })
  })

  it('have their own weight decay only where they say so', () => {
    const own = { ...component('transformer.wte'), hasOwnDecay: true, weightDecay: 0 }
    const components = [own, component('transformer')]
    expect(treatmentOf(components, names[0]!, 0).weightDecay).toBe(0)
    expect(treatmentOf(components, names[1]!, 0).weightDecay).toBeNull()
  })

  it('names a component that matches nothing, with its path and the nearest name', () => {
    const [issue] = checkComponents([component('*'), component('transformer.wtf')], names, ['stages', 2])
    expect(issue!.path).toEqual(['stages', 2, 'components', 1, 'match'])
    expect(issue!.message).toContain('did you mean transformer.wte?')
  })

  it('refuses a stage in which nothing learns', () => {
    expect(checkComponents([component('*', true)], names, ['stages', 0])[0]!.message).toContain(
      'all of them frozen',
    )
    expect(checkComponents([component('transformer', true)], names, ['stages', 0])).toEqual([])
  })

  it('unfreezes at its step, and knows since when the same weights learn', () => {
    const late = (match: string, unfreezeAt: number) => ({ ...component(match, true), unfreezeAt })
    const components = [late('transformer.h.1', 5), late('transformer.h', 9), component('transformer', true)]
    const frozen = (step: number) => names.map((name) => treatmentOf(components, name, step).isFrozen)
    expect([0, 4, 5, 9].map((step) => frozen(step).filter(Boolean).length)).toEqual([3, 3, 2, 1])
    expect([0, 4, 5, 8, 9, 99].map((step) => phaseStart(components, step))).toEqual([0, 0, 5, 5, 9, 9])
    expect(phaseStart([component('*', true)], 9)).toBe(0)
  })
})

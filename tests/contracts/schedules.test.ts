import { describe, expect, it } from 'vitest'
import { defaultsOf, formatIssue, parse, type ConfigValue } from '../../src/core/schema.ts'
import { schedules } from '../../src/engine/optim/schedules/registry.ts'
import { warmupFields } from '../../src/engine/optim/schedules/warmup.ts'

type Params = Record<string, ConfigValue>
interface Span {
  readonly totalSteps: number
  readonly count: number
  readonly learningRate?: number
}

function rates(id: string, params: Params, { totalSteps, count, learningRate = 1 }: Span): number[] {
  const spec = schedules.get(id)
  const full = { ...defaultsOf(spec.fields), ...params }
  return Array.from({ length: count }, (_, step) =>
    spec.learningRateAt(full, { step, totalSteps, learningRate }),
  )
}

const ids = schedules.all.map(({ id }) => id)
// The formula of Vaswani et al. has a warm-up of its own.
const warmed = ids.filter((id) => id !== 'noam')
const kinds = warmupFields(0).warmupKind.options.map(({ value }) => value)
const pairs = warmed.flatMap((id) => kinds.map((kind) => [id, kind] as const))
const conventions = ['nanogpt', 'hugging-face'] as const

describe('every schedule', () => {
  it.each(ids)('%s is finite and not negative at every step of short and long stages', (id) => {
    for (const totalSteps of [1, 2, 3, 7, 400]) {
      for (const rate of rates(id, {}, { totalSteps, count: totalSteps + 5 }))
        expect(Number.isFinite(rate) && rate >= 0).toBe(true)
    }
  })

  it.each(ids)('%s scales with the base rate, so that it can be edited in mid-run', (id) => {
    const run = { totalSteps: 50, count: 50 }
    const once = rates(id, {}, { ...run, learningRate: 1e-3 })
    const twice = rates(id, {}, { ...run, learningRate: 2e-3 })
    once.forEach((rate, step) => expect(twice[step]! / 2).toBeCloseTo(rate, 15))
  })

  it.each(warmed)('%s rises in a line where nothing else is said, as stored runs do', (id) => {
    const whole = rates(id, { warmupSteps: 4 }, { totalSteps: 1004, count: 5 })
    const [first, second, third, fourth, full] = whole
    expect(second! / first!).toBeCloseTo(2, 12)
    expect(third! / first!).toBeCloseTo(3, 12)
    expect(fourth! / first!).toBeCloseTo(4, 12)
    // It aims at where the schedule begins, which it would reach one update later.
    expect(first! * 5).toBeCloseTo(full!, 12)
  })

  it.each(pairs)('%s goes on after a warm-up that is %s as it would without one', (id, kind) => {
    const after = rates(id, { warmupSteps: 0 }, { totalSteps: 1000, count: 1000 })
    for (const convention of conventions) {
      const params = { warmupSteps: 6, warmupKind: kind, warmupShare: 0.2, convention }
      const whole = rates(id, params, { totalSteps: 1006, count: 1006 })
      const plain = rates(id, { warmupSteps: 0, convention }, { totalSteps: 1000, count: 1000 })
      expect(whole.slice(6)).toEqual(plain)
      const shares = whole.slice(0, 6).map((rate) => rate / after[0]!)
      const steps = shares.map((_, step) => (convention === 'nanogpt' ? (step + 1) / 7 : step / 6))
      shares.forEach((share, step) => {
        const expected = {
          linear: steps[step]!,
          constant: 0.2,
          exponential: 5 ** (steps[step]! - 1),
        }
        expect(share, `${convention}, update ${step}`).toBeCloseTo(expected[kind], 12)
      })
    }
  })

  it.each(warmed)('%s refuses a kind of warm-up that is not there, and one that rises from nothing', (id) => {
    const field = { type: 'group', label: id, help: id, fields: schedules.get(id).fields } as const
    const issuesOf = (settings: Params) => {
      const parsed = parse(field, settings)
      return parsed.isValid ? '' : parsed.issues.map(formatIssue).join()
    }
    expect(issuesOf({ warmupKind: 'exponentiel' })).toMatch(/^warmupKind: .*did you mean exponential/)
    expect(issuesOf({ warmupKind: 'exponential', warmupShare: 0 })).toMatch(/^warmupShare: /)
    expect(issuesOf({ warmupKind: 'constant', warmupShare: 1 })).toBe('')
  })
})

import { describe, expect, it } from 'vitest'
import { defaultsOf, type ConfigValue } from '../../../core/schema.ts'
import { describeGoldens } from '../../../../tests/helpers/goldens.ts'
import { oneCycleMomentumAt } from './oneCycle.ts'
import { scheduleEntries, schedules } from './registry.ts'

type Params = Record<string, ConfigValue>
function rates(
  id: string,
  params: Params,
  run: { totalSteps: number; learningRate: number; count: number },
): number[] {
  const spec = schedules.get(id)
  const full = { ...defaultsOf(spec.fields), ...params }
  return Array.from({ length: run.count }, (_, step) => spec.learningRateAt(full, { step, ...run }))
}

describe('schedules', () => {
  it('offers cosine first', () => {
    expect(scheduleEntries[0]!.id).toBe('cosine')
  })

  it('linear: rises over the warm-up and reaches its final fraction at the end', () => {
    const params = { warmupSteps: 4, finalFraction: 0.5 }
    const found = rates('linear', params, { totalSteps: 8, learningRate: 10, count: 10 })
    expect(found).toEqual([2, 4, 6, 8, 10, 8.75, 7.5, 6.25, 5, 5])
  })

  it('milestones drop the rate from the named update on', () => {
    const found = rates(
      'multi-step',
      { milestones: [2, 4], gamma: 0.5 },
      { totalSteps: 6, learningRate: 8, count: 6 },
    )
    expect(found).toEqual([8, 8, 4, 4, 2, 2])
  })

  it('warm-up, stable, decay stays full until its last updates', () => {
    const params = { warmupSteps: 0, decaySteps: 4, finalFraction: 0, shape: 'linear' }
    const found = rates('warmup-stable-decay', params, { totalSteps: 8, learningRate: 4, count: 9 })
    expect(found).toEqual([4, 4, 4, 4, 4, 3, 2, 1, 0])
  })

  it('growing cycles restart where torch’s CosineAnnealingWarmRestarts does', () => {
    const params = { cycleSteps: 2, growth: 2, finalFraction: 0 }
    const found = rates('cosine-warm-restarts', params, { totalSteps: 14, learningRate: 1, count: 7 })
    ;[1, 0.5, 1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2, 1].forEach((rate, step) =>
      expect(found[step]).toBeCloseTo(rate, 12),
    )
  })

  it('holds back as torch’s ConstantLR(factor=1/3, total_iters=4) of a rate of 0.3', () => {
    const params = { startFraction: 1 / 3, heldSteps: 4 }
    const found = rates('held-back', params, { totalSteps: 7, learningRate: 0.3, count: 7 })
    ;[0.1, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3].forEach((rate, step) => expect(found[step]).toBeCloseTo(rate, 15))
  })

  /*
   * torch 2.13 with SGD of a rate of 0.8:
   * SequentialLR(o, [ConstantLR(o, 0.25, 4), CosineAnnealingLR(o, 4)], [4]), and for the exponential one, of a rate of
   * 0.2, ExponentialLR(o, 0.25 ** (-1 / 4)) for 4 updates.
   */
  it.each([
    ['constant', [0.2, 0.2, 0.2, 0.2, 0.8, 0.682842712474619, 0.4, 0.11715728752538102]],
    ['exponential', [0.2, 0.28284271247461906, 0.4, 0.5656854249492381, 0.8]],
  ])('warms up by the kind %s as torch does', (warmupKind, expected) => {
    const params = {
      warmupSteps: 4,
      warmupKind,
      warmupShare: 0.25,
      convention: 'hugging-face',
      finalFraction: 0,
    }
    const found = rates('cosine', params, { totalSteps: 8, learningRate: 0.8, count: expected.length })
    expected.forEach((rate, step) => expect(found[step], `update ${step}`).toBeCloseTo(rate, 12))
  })

  it('triangles go up and down between two rates, halved if asked for', () => {
    const params = { lowFraction: 0, riseSteps: 2, fallSteps: 2, amplitude: 'halving' }
    const found = rates('triangular', params, { totalSteps: 8, learningRate: 4, count: 8 })
    expect(found).toEqual([0, 2, 4, 2, 0, 1, 2, 1])
  })
})

interface ScheduleCase {
  name: string
  params: Record<string, number>
  expected: { lr: number[]; momentum?: number[] }
}

/** Our schedule, its settings and the stage's length for a case of the golden file. */
const goldenCases: Record<
  string,
  (p: Record<string, number>) => { id: string; params: Params; totalSteps: number; learningRate: number }
> = {
  cosine_warmup_nanogpt: nanogpt,
  cosine_no_warmup_nanogpt: nanogpt,
  cosine_warmup_hf: (p) => huggingFace('cosine', p, { finalFraction: 0 }),
  constant_warmup_hf: (p) => huggingFace('constant', { ...p, total: 1 }, {}),
  inverse_sqrt_hf: (p) => huggingFace('inverse-sqrt', { ...p, total: 1 }, { timescale: p['timescale']! }),
  cosine_hard_restarts_hf: (p) => huggingFace('cosine-hard-restarts', p, { cycles: p['cycles']! }),
  polynomial_hf: (p) =>
    huggingFace('polynomial', p, { power: p['power']!, finalFraction: p['end']! / p['lr']! }),
  one_cycle_cos: oneCycle,
  one_cycle_linear_three_phase: oneCycle,
  one_cycle_custom: oneCycle,
  cosine_annealing: (p) =>
    torch('cosine', p, { warmupSteps: 0, finalFraction: p['eta_min']! / p['lr']! }, p['T_max']!),
  step: (p) => torch('step', p, { stepSize: p['step_size']!, gamma: p['gamma']! }, 30),
  exponential: (p) => torch('exponential', p, { gamma: p['gamma']! }, 30),
  linear_ramp: (p) =>
    torch(
      'linear-ramp',
      p,
      { startFraction: p['start_factor']!, endFraction: p['end_factor']!, rampSteps: p['total_iters']! },
      30,
    ),
  polynomial: (p) =>
    torch('polynomial', p, { warmupSteps: 0, finalFraction: 0, power: p['power']! }, p['total_iters']!),
  noam_d64: (p) => torch('noam', { lr: 1 }, { embedDim: p['d_model']!, warmupSteps: p['warmup']! }, 120),
}

function nanogpt(p: Record<string, number>) {
  const params = { warmupSteps: p['warmup_iters']!, finalFraction: p['min_lr']! / p['learning_rate']! }
  return { id: 'cosine', params, totalSteps: p['lr_decay_iters']!, learningRate: p['learning_rate']! }
}
function huggingFace(id: string, p: Record<string, number>, params: Params) {
  const all = { warmupSteps: p['warmup']!, convention: 'hugging-face', ...params }
  return { id, params: all, totalSteps: p['total']!, learningRate: p['lr']! }
}
function torch(id: string, p: Record<string, number>, params: Params, totalSteps: number) {
  return { id, params, totalSteps, learningRate: p['lr']! }
}
function oneCycle(p: Record<string, number | string | boolean>) {
  const params = {
    riseFraction: p['pct_start'] ?? 0.3,
    startDivisor: p['div_factor'] ?? 25,
    endDivisor: p['final_div_factor'] ?? 1e4,
    anneal: p['anneal_strategy'] === 'linear' ? 'linear' : 'cosine',
    isThreePhase: p['three_phase'] ?? false,
  }
  return { id: 'one-cycle', params, totalSteps: Number(p['total_steps']), learningRate: Number(p['max_lr']) }
}

describeGoldens<{ cases: ScheduleCase[] }>('optim/lr_schedules.json', ({ cases }) => {
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (name, { params, expected }) => {
    const { id, params: ours, totalSteps, learningRate } = goldenCases[name]!(params)
    const found = rates(id, ours, { totalSteps, learningRate, count: expected.lr.length })
    expected.lr.forEach((rate, step) =>
      expect(Math.abs(found[step]! - rate)).toBeLessThanOrEqual(1e-12 + 1e-6 * rate),
    )
    expected.momentum?.forEach((momentum, step) => {
      const shape = ours as Parameters<typeof oneCycleMomentumAt>[0]
      expect(oneCycleMomentumAt(shape, { step, totalSteps, low: 0.85, high: 0.95 })).toBeCloseTo(momentum, 9)
    })
  })
})

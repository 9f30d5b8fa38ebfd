import type { ConfigValue } from '../../src/core/schema.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asNumber, asNumbers } from './json.ts'
import { Unsupported } from './unsupported.ts'

/** Our schedule for a case. */
export interface ScheduleChoice {
  readonly id: string
  readonly params: { readonly [name: string]: ConfigValue }
  readonly learningRate: number
  /** Updates of the whole stage; null for schedules without an end. */
  readonly totalSteps: number | null
  /** Bounds of the momentum that goes with a one-cycle rate. */
  readonly momentum?: { readonly low: number; readonly high: number }
}

/** Reads parameters under any of several names; the defaults are the reference's own. */
interface Reader {
  number(...names: string[]): number
  numberOr(fallback: number, ...names: string[]): number
  golden: GoldenCase
}

type ScheduleMap = (read: Reader) => ScheduleChoice

/** The first whose words occur in the case's reference is taken. Cases are named freely, so names do not count. */
const maps: readonly (readonly [words: RegExp, map: ScheduleMap])[] = [
  [/nanoGPT/i, nanoGpt],
  [
    /cosine_with_hard_restarts/i,
    (read) => huggingFace(read, 'cosine-hard-restarts', { cycles: read.numberOr(1, 'cycles', 'num_cycles') }),
  ],
  [
    /cosine_with_min_lr/i,
    (read) => huggingFace(read, 'cosine', { finalFraction: minFraction(read), waves: waves(read) }),
  ],
  [/get_cosine_schedule/i, (read) => huggingFace(read, 'cosine', { finalFraction: 0, waves: waves(read) })],
  [/get_linear_schedule/i, (read) => huggingFace(read, 'linear', { finalFraction: 0 })],
  [/get_polynomial_decay/i, huggingFacePolynomial],
  [/get_inverse_sqrt/i, huggingFaceInverseSqrt],
  [/get_wsd/i, huggingFaceWsd],
  [/get_constant_schedule/i, huggingFaceConstant],
  [/CosineAnnealingWarmRestarts/i, warmRestarts],
  [/CosineAnnealing/i, (read) => cosineAnnealing(read)],
  [/OneCycle/i, oneCycle],
  [/CyclicLR/i, cyclic],
  [
    /MultiStepLR/i,
    (read) =>
      torch(read, 'multi-step', { milestones: list(read, 'milestones'), gamma: read.numberOr(0.1, 'gamma') }),
  ],
  [
    /StepLR/i,
    (read) => torch(read, 'step', { stepSize: read.number('step_size'), gamma: read.numberOr(0.1, 'gamma') }),
  ],
  [/ExponentialLR/i, (read) => torch(read, 'exponential', { gamma: read.number('gamma') })],
  [/LinearLR/i, linearRamp],
  [
    /ConstantLR/i,
    (read) =>
      torch(read, 'held-back', {
        startFraction: read.numberOr(1 / 3, 'factor'),
        heldSteps: read.numberOr(5, 'total_iters'),
      }),
  ],
  [/PolynomialLR/i, polynomialLr],
  [/Vaswani/i, noam],
]

/** Throws Unsupported for a reference that is not in the table. */
export function mapSchedule(golden: GoldenCase): ScheduleChoice {
  const reference = golden.fields.peek('reference')
  const text = typeof reference === 'string' ? reference : ''
  const found = maps.find(([words]) => words.test(text))
  if (found === undefined)
    throw new Unsupported(`no schedule is mapped to the reference ${JSON.stringify(text)}`)
  const { params } = golden
  const take = (names: readonly string[]) =>
    names.map((name) => params.takeIfThere(name)).find((value) => value !== undefined)
  return found[1]({
    golden,
    number: (...names) => asNumber(take(names), params.where(names.join(' or '))),
    numberOr: (fallback, ...names) => asNumber(take(names) ?? fallback, params.where(names[0]!)),
  })
}

function list({ golden }: Reader, name: string): number[] {
  return asNumbers(golden.params.take(name), golden.params.where(name))
}

function rate(read: Reader): number {
  return read.number('lr', 'learning_rate', 'base_lr')
}

/** nanoGPT train.get_lr: past the end it stays. */
function nanoGpt(read: Reader): ScheduleChoice {
  const learningRate = rate(read)
  const finalFraction = read.number('min_lr') / learningRate
  const params = { warmupSteps: read.number('warmup_iters', 'warmup'), convention: 'nanogpt', finalFraction }
  return { id: 'cosine', params, learningRate, totalSteps: read.number('lr_decay_iters', 'total') }
}

function huggingFace(read: Reader, id: string, params: ScheduleChoice['params']): ScheduleChoice {
  const warmupSteps = read.numberOr(0, 'warmup', 'num_warmup_steps')
  const totalSteps = read.number('total', 'num_training_steps')
  return {
    id,
    params: { warmupSteps, convention: 'hugging-face', ...params },
    learningRate: rate(read),
    totalSteps,
  }
}

function waves(read: Reader): number {
  return read.numberOr(0.5, 'cycles', 'num_cycles')
}

function minFraction(read: Reader): number {
  const { params } = read.golden
  if (params.has('min_lr_rate')) return read.number('min_lr_rate')
  return read.number('min_lr') / asNumber(params.peek('lr'), params.where('lr'))
}

function huggingFacePolynomial(read: Reader): ScheduleChoice {
  const end = read.numberOr(1e-7, 'end', 'lr_end')
  const choice = huggingFace(read, 'polynomial', { power: read.numberOr(1, 'power') })
  return { ...choice, params: { ...choice.params, finalFraction: end / choice.learningRate } }
}

function huggingFaceInverseSqrt(read: Reader): ScheduleChoice {
  const warmupSteps = read.number('warmup', 'num_warmup_steps')
  const timescale = read.numberOr(warmupSteps === 0 ? 10_000 : warmupSteps, 'timescale')
  const params = { warmupSteps, convention: 'hugging-face', timescale }
  return { id: 'inverse-sqrt', params, learningRate: rate(read), totalSteps: null }
}

function huggingFaceConstant(read: Reader): ScheduleChoice {
  const params = { warmupSteps: read.numberOr(0, 'warmup', 'num_warmup_steps'), convention: 'hugging-face' }
  return { id: 'constant', params, learningRate: rate(read), totalSteps: null }
}

/** transformers' get_wsd_schedule: warm-up, stable, decay, each with its number of steps. */
function huggingFaceWsd(read: Reader): ScheduleChoice {
  const { params } = read.golden
  const warmupType = params.takeIfThere('warmup_type') ?? 'linear'
  const decayType = params.takeIfThere('decay_type') ?? 'cosine'
  const isKnown = decayType === 'cosine' || decayType === 'linear'
  if (warmupType !== 'linear' || !isKnown) {
    throw new Unsupported(
      `a ${String(warmupType)} warm-up with a ${String(decayType)} decay is not in the engine`,
    )
  }
  if (read.numberOr(0.5, 'cycles', 'num_cycles') !== 0.5)
    throw new Unsupported('the engine decays along half a wave')
  const warmupSteps = read.number('warmup', 'num_warmup_steps')
  const decaySteps = read.number('decay', 'num_decay_steps')
  const total = read.numberOr(NaN, 'total', 'num_training_steps')
  const stable = read.numberOr(total - warmupSteps - decaySteps, 'stable', 'num_stable_steps')
  if (Number.isNaN(stable)) throw new Unsupported('neither the stable steps nor the total are stated')
  const finalFraction = read.numberOr(0, 'min_lr_ratio')
  if (finalFraction !== 0 && warmupSteps !== 0) {
    throw new Unsupported('the engine warms up from zero, the reference from its smallest rate')
  }
  const own = { warmupSteps, convention: 'hugging-face', decaySteps, shape: decayType, finalFraction }
  return {
    id: 'warmup-stable-decay',
    params: own,
    learningRate: rate(read),
    totalSteps: warmupSteps + stable + decaySteps,
  }
}

function torch(read: Reader, id: string, params: ScheduleChoice['params']): ScheduleChoice {
  return { id, params, learningRate: rate(read), totalSteps: null }
}

function cosineAnnealing(read: Reader): ScheduleChoice {
  const learningRate = rate(read)
  const params = {
    warmupSteps: 0,
    convention: 'hugging-face',
    finalFraction: read.numberOr(0, 'eta_min') / learningRate,
  }
  return { id: 'cosine', params, learningRate, totalSteps: read.number('T_max') }
}

function warmRestarts(read: Reader): ScheduleChoice {
  const learningRate = rate(read)
  const finalFraction = read.numberOr(0, 'eta_min') / learningRate
  const params = { cycleSteps: read.number('T_0'), growth: read.numberOr(1, 'T_mult'), finalFraction }
  return { id: 'cosine-warm-restarts', params, learningRate, totalSteps: null }
}

function linearRamp(read: Reader): ScheduleChoice {
  return torch(read, 'linear-ramp', {
    startFraction: read.numberOr(1 / 3, 'start_factor'),
    endFraction: read.numberOr(1, 'end_factor'),
    rampSteps: read.numberOr(5, 'total_iters'),
  })
}

function polynomialLr(read: Reader): ScheduleChoice {
  const power = read.numberOr(1, 'power')
  const params = { warmupSteps: 0, convention: 'hugging-face', finalFraction: 0, power }
  return { id: 'polynomial', params, learningRate: rate(read), totalSteps: read.numberOr(5, 'total_iters') }
}

/** The formula has no rate of its own: the base rate is a factor. */
function noam(read: Reader): ScheduleChoice {
  const params = { embedDim: read.number('d_model'), warmupSteps: read.number('warmup', 'warmup_steps') }
  return { id: 'noam', params, learningRate: read.numberOr(1, 'factor', 'scale', 'lr'), totalSteps: null }
}

function oneCycle(read: Reader): ScheduleChoice {
  const { params } = read.golden
  read.golden.flag('cycle_momentum', true) // whether the file states one
  const anneal = params.takeIfThere('anneal_strategy') ?? 'cos'
  if (anneal !== 'cos' && anneal !== 'linear')
    throw new Unsupported(`params.anneal_strategy is ${JSON.stringify(anneal)}`)
  return {
    id: 'one-cycle',
    params: {
      riseFraction: read.numberOr(0.3, 'pct_start'),
      startDivisor: read.numberOr(25, 'div_factor'),
      endDivisor: read.numberOr(1e4, 'final_div_factor'),
      anneal: anneal === 'cos' ? 'cosine' : 'linear',
      isThreePhase: read.golden.flag('three_phase', false),
    },
    learningRate: read.number('max_lr'),
    totalSteps: read.numberOr(
      read.numberOr(NaN, 'epochs') * read.numberOr(NaN, 'steps_per_epoch'),
      'total_steps',
    ),
    momentum: { low: read.numberOr(0.85, 'base_momentum'), high: read.numberOr(0.95, 'max_momentum') },
  }
}

function cyclic(read: Reader): ScheduleChoice {
  const { params } = read.golden
  const amplitudes = { triangular: 'constant', triangular2: 'halving', exp_range: 'exponential' } as const
  const mode = String(params.takeIfThere('mode') ?? 'triangular')
  if (!Object.hasOwn(amplitudes, mode)) throw new Unsupported(`params.mode is ${mode}`)
  const learningRate = read.number('max_lr')
  const riseSteps = read.numberOr(2000, 'step_size_up')
  return {
    id: 'triangular',
    params: {
      lowFraction: read.number('base_lr', 'lr') / learningRate,
      riseSteps,
      fallSteps: read.numberOr(riseSteps, 'step_size_down'),
      amplitude: amplitudes[mode as keyof typeof amplitudes],
      gamma: read.numberOr(1, 'gamma'),
    },
    learningRate,
    totalSteps: null,
  }
}

import type { Fields, InferFields } from '../../../core/schema.ts'
import { defineSchedule } from './defineSchedule.ts'

const fields = {
  riseFraction: {
    type: 'number',
    label: 'Rise',
    help: 'Share of the updates over which the rate rises.',
    default: 0.3,
    min: 0,
    max: 1,
    step: 0.05,
  },
  startDivisor: {
    type: 'number',
    label: 'Start divisor',
    help: 'It starts at the rate divided by this.',
    default: 25,
    min: 1,
    max: 1e9,
  },
  endDivisor: {
    type: 'number',
    label: 'End divisor',
    help: 'It ends at the start divided by this.',
    default: 10000,
    min: 1,
    max: 1e12,
  },
  anneal: {
    type: 'choice',
    label: 'Shape',
    help: 'How it gets from one corner to the next.',
    default: 'cosine',
    options: [
      { value: 'cosine', label: 'Cosine' },
      { value: 'linear', label: 'Linear' },
    ],
  },
  isThreePhase: {
    type: 'bool',
    label: 'Three phases',
    help: 'Falls back to the start as fast as it rose, then on to the end.',
    default: false,
    isAdvanced: true,
  },
} as const satisfies Fields
type OneCycle = InferFields<typeof fields>

/** A corner of the polygon: at step `at`, the rate is `rate` and the momentum is high (1) or low (0). */
interface Corner {
  at: number
  rate: number
  momentum: 0 | 1
}

/** Corners as torch's OneCycleLR sets them: phases end at riseFraction * totalSteps - 1 and at totalSteps - 1. */
function corners(params: OneCycle, totalSteps: number): Corner[] {
  const start = 1 / params.startDivisor
  const top = params.riseFraction * totalSteps - 1
  const first: Corner[] = [
    { at: 0, rate: start, momentum: 1 },
    { at: top, rate: 1, momentum: 0 },
  ]
  const last: Corner = { at: totalSteps - 1, rate: start / params.endDivisor, momentum: 1 }
  if (!params.isThreePhase) return [...first, last]
  return [...first, { at: 2 * params.riseFraction * totalSteps - 2, rate: start, momentum: 1 }, last]
}

function interpolate(anneal: OneCycle['anneal'], from: number, to: number, progress: number): number {
  return anneal === 'linear'
    ? from + (to - from) * progress
    : to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2
}

function valueAt(params: OneCycle, step: number, totalSteps: number, of: (corner: Corner) => number): number {
  const path = corners(params, totalSteps)
  const last = path.length - 1
  const found = path.findIndex((corner, i) => i > 0 && step <= corner.at)
  if (found === -1) return of(path[last]!)
  const from = path[found - 1]!
  const to = path[found]!
  if (to.at <= from.at) return of(to)
  return interpolate(params.anneal, of(from), of(to), (step - from.at) / (to.at - from.at))
}

/** The momentum (beta 1) that goes with the rate in the paper: high where the rate is low. */
export function oneCycleMomentumAt(
  params: OneCycle,
  { step, totalSteps, low, high }: { step: number; totalSteps: number; low: number; high: number },
): number {
  return valueAt(params, step, totalSteps, ({ momentum }) => (momentum === 1 ? high : low))
}

/** The one-cycle policy of Smith & Topin 2017, with the corners of torch's OneCycleLR. */
export default defineSchedule({
  id: 'one-cycle',
  title: 'One cycle',
  summary: 'Rises to the full rate and falls far below where it began, once.',
  link: 'https://arxiv.org/abs/1708.07120',
  warmupSteps: 0,
  fields,
  beginsAt: ({ startDivisor }) => 1 / startDivisor,
  learningRateAt: (params, { step, totalSteps, learningRate }) =>
    learningRate * valueAt(params, step, totalSteps, ({ rate }) => rate),
})

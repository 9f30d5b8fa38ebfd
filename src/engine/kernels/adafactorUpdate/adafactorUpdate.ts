import {
  add,
  div,
  expandDims,
  maximum,
  mean,
  mul,
  rsqrt,
  sqrt,
  square,
  sub,
  type Scalar,
  type Tensor,
} from '../../backend/tfjs.ts'
import { combine } from '../combine/combine.ts'

export interface AdafactorSettings {
  readonly isScaled: boolean
  readonly leastScale: number
  readonly clipThreshold: number
  /** Above 0 a running mean m of steps is kept. */
  readonly beta1: number
  readonly epsilon: number
  /** `added` to squares of gradients, or the `floor` of their roots. */
  readonly epsilonKind: string
  readonly decayKind: string
}

/** One weight at one update. */
export interface AdafactorEntry {
  readonly parameter: Tensor
  /** Of the parameter's shape, clipped. */
  readonly gradient: Tensor
  /** `row` [..., M] and `column` [..., N] of a parameter [..., M, N], else `v` of its shape; `m` of its shape. */
  readonly slots: Readonly<Record<string, Tensor>>
  readonly numbers: Readonly<Record<'rate' | 'remembered' | 'forgotten' | 'pull', Scalar>>
}

/** Running means of squared gradients over rows and columns belong to matrices, also to those of a stack. */
export function isFactored(shape: readonly number[]): boolean {
  return shape.length >= 2
}

/** What is added to squares of gradients, and what running means of them count as at least. */
export function epsilonsOf({ epsilon, epsilonKind }: AdafactorSettings): { added: number; floor: number } {
  // Smaller squares are 0 in float32.
  return epsilonKind === 'floor'
    ? { added: 0, floor: Math.max(epsilon ** 2, 1.2e-38) }
    : { added: epsilon, floor: 0 }
}

function rootMeanSquare(x: Tensor): Tensor {
  return sqrt(mean(square(x)))
}

/**
 * The update of Shazeer & Stern 2018 (https://arxiv.org/abs/1804.04235, algorithms 4 and 5) of one weight.
 * `adafactorKernel` makes the same for all weights at once.
 * @returns the parameter and its slots afterwards
 */
export function adafactorTwin(
  settings: AdafactorSettings,
  { parameter, gradient, slots, numbers: { rate, remembered, forgotten, pull } }: AdafactorEntry,
): { parameter: Tensor; slots: Record<string, Tensor> } {
  const { isScaled, leastScale, clipThreshold, beta1, epsilon, epsilonKind, decayKind } = settings
  const { added, floor } = epsilonsOf(settings)
  const squares: Tensor = add(square(gradient), added)
  const running = (old: Tensor, value: Tensor): Tensor => combine([old, remembered], [value, forgotten])
  const { v, row, column, m } = slots
  const next: Record<string, Tensor> = {}
  let direction: Tensor
  if (v === undefined) {
    next['row'] = running(row!, mean(squares, -1))
    next['column'] = running(column!, mean(squares, -2))
    const overRows = mean(next['row'], -1, true)
    const isFloor = epsilonKind === 'floor'
    const shares = expandDims(div(next['row'], isFloor ? maximum(overRows, epsilon) : overRows), -1)
    const columns = expandDims(next['column'], -2)
    direction = isFloor
      ? mul(gradient, rsqrt(maximum(mul(shares, columns), floor)))
      : mul(mul(gradient, rsqrt(shares)), rsqrt(columns))
  } else {
    next['v'] = running(v, squares)
    direction = mul(gradient, rsqrt(maximum(next['v'], floor)))
  }
  direction = div(direction, maximum(1, div(rootMeanSquare(direction), clipThreshold)))
  const scale: Scalar = isScaled ? mul(rate, maximum(rootMeanSquare(parameter), leastScale)) : rate
  let step: Tensor = mul(direction, scale)
  if (m !== undefined) {
    step = combine([m, beta1], [step, 1 - beta1])
    next['m'] = step
  }
  const kept: Scalar = sub(1, decayKind === 'rate' ? pull : mul(pull, scale))
  return { parameter: combine([parameter, kept], [step, -1]), slots: next }
}

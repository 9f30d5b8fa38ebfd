import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropoutMask } from '../dropout/dropoutMask.ts'
import type { Bend } from '../linear/bends.ts'
import { feedForward } from './feedForward.ts'

const dropout = { rate: 0.4, step: 3, key: new Generator(5, 'dropout/test').key, counter: null }

/** x, up, bias, down, bias, residual */
const runBent =
  (activation: Bend) =>
  (...inputs: Tensor[]): Tensor => {
    const [x, up, upBias, down, downBias, residual] = inputs as [
      Tensor2D,
      Tensor2D,
      Tensor1D,
      Tensor2D,
      Tensor1D,
      Tensor2D,
    ]
    const weights = { up: { weight: up, bias: upBias }, down: { weight: down, bias: downBias }, gate: null }
    return feedForward(x, weights, { activation, residual, dropout })
  }

/** x, up, down, gate */
function runSwiglu(...inputs: Tensor[]): Tensor {
  const [x, up, down, gate] = inputs as Tensor2D[] as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]
  const bare = (weight: Tensor2D) => ({ weight, bias: null })
  const weights = { up: bare(up), down: bare(down), gate: bare(gate) }
  return feedForward(x, weights, { activation: 'silu', residual: null, dropout: null })
}

type Values = ArrayLike<number>

/** [rows, inner] · [inner, columns] + bias */
function product(x: Values, weight: Values, [rows, inner, columns]: number[], bias?: Values): Float64Array {
  return Float64Array.from({ length: rows! * columns! }, (_, at) => {
    const [row, column] = [Math.floor(at / columns!), at % columns!]
    let sum = bias?.[column] ?? 0
    for (let k = 0; k < inner!; k++) sum += x[row * inner! + k]! * weight[k * columns! + column]!
    return sum
  })
}

const geluOf = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
const siluOf = (x: number): number => x / (1 + Math.exp(-x))

const bentReference =
  (bend: (x: number) => number) =>
  (...inputs: Float64Array[]): Values => {
    const [x, up, upBias, down, downBias, residual] = inputs
    const hidden = product(x!, up!, [3, 4, 6], upBias).map(bend)
    const mask = dropoutMask(15, dropout)
    return product(hidden, down!, [3, 6, 5], downBias).map((y, i) => residual![i]! + y * mask[i]!)
  }

function swigluReference(...inputs: Float64Array[]): Values {
  const [x, up, down, gate] = inputs
  const gates = product(x!, gate!, [3, 4, 6])
  return product(
    product(x!, up!, [3, 4, 6]).map((u, i) => u * siluOf(gates[i]!)),
    down!,
    [3, 6, 5],
  )
}

const bentShapes = (rows: number, width: number, hidden: number, outputs: number): number[][] => [
  [rows, width],
  [width, hidden],
  [hidden],
  [hidden, outputs],
  [outputs],
  [rows, outputs],
]
const swigluShapes = (rows: number, width: number, hidden: number, outputs: number): number[][] => [
  [rows, width],
  [width, hidden],
  [hidden, outputs],
  [width, hidden],
]
const tolerance = { rtol: 2e-6, atol: 2e-6 }

await describeOnDevices('feedForward', () => {
  it.each([
    ['gelu-tanh', geluOf],
    ['quick-gelu', (x: number) => siluOf(1.702 * x) / 1.702],
    ['relu-squared', (x: number) => Math.max(x, 0) ** 2],
  ] as const)(
    '%s, dropout and residual equal float64 loops and finite differences',
    async (activation, bend) => {
      const kernel = { shapes: bentShapes(3, 4, 6, 5), run: runBent(activation) }
      await expectMatchesReference(kernel, bentReference(bend), tolerance)
    },
    120_000,
  )

  it('SwiGLU equals float64 loops and finite differences', async () => {
    await expectMatchesReference(
      { shapes: swigluShapes(3, 4, 6, 5), run: runSwiglu },
      swigluReference,
      tolerance,
    )
  }, 120_000)

  it('fused equals its twin in both forms, where sizes are multiples of 4', async () => {
    await expectFusedMatchesTwin({ shapes: bentShapes(65, 8, 24, 12), run: runBent('gelu-tanh') }, tolerance)
    await expectFusedMatchesTwin({ shapes: swigluShapes(65, 8, 24, 12), run: runSwiglu }, tolerance)
  }, 240_000)

  it('fused equals its twin for extreme numbers', async () => {
    const kernel = { shapes: bentShapes(65, 8, 24, 12), run: runBent('gelu-tanh') }
    await expectMatchesTwinForExtremes(kernel, tolerance)
  }, 240_000)

  it('refuses weights that do not fit each other', () => {
    const [x, up, down] = [tf.zeros([2, 3]), tf.zeros([3, 8]), tf.zeros([7, 3])]
    expect(() => runSwiglu(x, up, down, up)).toThrow(/feedForward down: must be float32 \[8, \*\], got/)
  })
})

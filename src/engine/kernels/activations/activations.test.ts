import { it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  expectMatchesReference,
  normals,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { gelu, quickGelu, relu, reluSquared, silu, swiglu } from './activations.ts'

/** erf by its Taylor series, good to 1e-13 below 3. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const cases: { name: string; run: (x: Tensor) => Tensor; slow: (x: number) => number }[] = [
  { name: 'gelu exact', run: (x) => gelu(x, 'exact'), slow: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)) },
  {
    name: 'gelu tanh',
    run: (x) => gelu(x, 'tanh'),
    slow: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  { name: 'silu', run: (x) => silu(x), slow: (x) => x * sigmoid(x) },
  { name: 'quick gelu', run: (x) => quickGelu(x), slow: (x) => x * sigmoid(1.702 * x) },
  { name: 'relu', run: (x) => relu(x), slow: (x) => Math.max(x, 0) },
]
const swigluRun = (gate: Tensor, up: Tensor): Tensor => swiglu(gate, up)

await describeOnDevices('activations', () => {
  for (const { name, run, slow } of cases) {
    it(`${name} equals float64 and finite differences`, async () => {
      const reference = (x: Float64Array): Float64Array => x.map(slow)
      await expectMatchesReference({ shapes: [[3, 11]], run }, reference, { rtol: 1e-6, atol: 1e-6 })
    })

    it(`${name} fused equals its twin at awkward sizes`, async () => {
      for (const size of [1, 63, 64, 65, 1000]) {
        await expectFusedMatchesTwin({ shapes: [[size]], run, scale: 3 }, { rtol: 1e-6, atol: 1e-6 })
      }
    })

    it(`${name} is x or 0, with slope 1 or 0, far from 0`, async () => {
      const inputs = [Float32Array.of(1e4, 1e18, 1e30, -1e4, -1e18, -1e30)]
      const [values, gradients] = await valueAndGradients({ shapes: [[6]], inputs, run })
      expectClose(
        values!.map((value, i) => value / inputs[0]![i]!),
        [1, 1, 1, 0, 0, 0],
        { rtol: 1e-6, atol: 0 },
      )
      const slopes = gradients!.map((gradient, i) => gradient / normals(6, 'cotangent')[i]!)
      expectClose(slopes, [1, 1, 1, 0, 0, 0], { rtol: 1e-6, atol: 0 })
    })
  }

  it('reaches the last of more elements than one line of workgroups holds', async () => {
    const size = 65535 * 64 + 65
    const x = tf.fill([size], 2)
    const tail = tf.tidy(() => tf.slice(silu(x), [size - 3], [3]))
    const expected = 2 * sigmoid(2)
    expectClose(await tail.data(), [expected, expected, expected], { rtol: 1e-6, atol: 0 })
    tf.dispose([x, tail])
  })

  it('swiglu equals float64, finite differences and its twin', async () => {
    const reference = (gate: Float64Array, up: Float64Array): Float64Array =>
      gate.map((value, i) => value * sigmoid(value) * up[i]!)
    const small = {
      shapes: [
        [2, 5],
        [2, 5],
      ],
      run: swigluRun,
    }
    await expectMatchesReference(small, reference, { rtol: 1e-6, atol: 1e-6 })
    for (const size of [1, 65, 1000]) {
      await expectFusedMatchesTwin({ shapes: [[size], [size]], run: swigluRun }, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('squared relu equals float64, finite differences and its twin', async () => {
    const run = (x: Tensor): Tensor => reluSquared(x)
    const reference = (x: Float64Array): Float64Array => x.map((value) => Math.max(value, 0) ** 2)
    await expectMatchesReference({ shapes: [[3, 7]], run }, reference, { rtol: 1e-6, atol: 1e-6 })
    for (const size of [1, 64, 65]) {
      await expectFusedMatchesTwin({ shapes: [[size]], run }, { rtol: 1e-6, atol: 1e-6 })
    }
  })
})

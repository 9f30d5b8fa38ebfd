import { it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  expectMatchesReference,
} from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { rmsNorm } from './rmsNorm.ts'

const run = (x: Tensor, gain?: Tensor): Tensor =>
  rmsNorm(x as Tensor2D, (gain ?? null) as Tensor1D | null, 1e-6)

/** Row by row in float64. */
function reference(x: Float64Array, gain?: Float64Array): Float64Array {
  const width = 5
  return x.map((value, at) => {
    const start = at - (at % width)
    const meanSquare = x.subarray(start, start + width).reduce((sum, other) => sum + other ** 2, 0) / width
    return (value / Math.sqrt(meanSquare + 1e-6)) * (gain?.[at % width] ?? 1)
  })
}

await describeOnDevices('rmsNorm', () => {
  it('equals float64 loops and finite differences, with and without a gain', async () => {
    for (const shapes of [[[3, 5]], [[3, 5], [5]]]) {
      await expectMatchesReference({ shapes, run }, reference, { rtol: 2e-6, atol: 2e-6 })
    }
  })

  it('fused equals its twin at awkward sizes', async () => {
    for (const width of [1, 63, 64, 65, 1000]) {
      for (const rows of [1, 7, 130]) {
        // At width 1 the input gradient is the difference of two nearly equal numbers.
        const atol = width === 1 ? 1e-3 : 1e-5
        await expectFusedMatchesTwin({ shapes: [[rows, width], [width]], run }, { rtol: 1e-5, atol })
      }
    }
  })

  it('reaches the last of more rows than one line of workgroups holds', async () => {
    const values = new Float32Array(65600 * 2).fill(3)
    values.set([6, 8], values.length - 2)
    const x = tf.tensor2d(values, [65600, 2])
    const backend = tf.backend()
    const wasSoftware = backend instanceof LabBackend && backend.isSoftware
    for (const form of [true, false]) {
      if (backend instanceof LabBackend) backend.isSoftware = form
      const last = tf.tidy(() => tf.slice(rmsNorm(x, null, 1e-6), [65599, 0], [1, 2]))
      expectClose(await last.data(), [6 / Math.sqrt(50), 8 / Math.sqrt(50)], { rtol: 1e-6, atol: 0 })
      last.dispose()
    }
    if (backend instanceof LabBackend) backend.isSoftware = wasSoftware
    x.dispose()
  })
  it('fused equals its twin for extreme numbers', async () => {
    await expectMatchesTwinForExtremes({ shapes: [[7, 65], [65]], run }, { rtol: 1e-5, atol: 1e-5 })
  })
})

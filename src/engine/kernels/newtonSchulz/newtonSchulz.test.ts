import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits, withTwins } from '../../../../tests/helpers/kernels.ts'
import { newtonSchulzReference } from '../../../../tests/helpers/newtonSchulzReference.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { newtonSchulz } from './newtonSchulz.ts'

const sizes: (readonly [number, number])[] = [
  [1, 1],
  [1, 63],
  [65, 3],
  [64, 64],
  [33, 100],
]

await describeOnDevices('newtonSchulz', () => {
  it.each(sizes)(
    'equals float64 loops for %i x %i, the same bits twice, and leaves no tensors',
    async (...shape) => {
      const values = normals(shape[0] * shape[1], 'x')
      const x = tf.tensor2d(values, [...shape])
      const before = tf.memory().numTensors
      const run = async (): Promise<Float32Array> => {
        const y = newtonSchulz(x, 5)
        const found = Float32Array.from(await y.data())
        y.dispose()
        return found
      }
      const expected = newtonSchulzReference(values, shape, 5)
      const found = await run()
      // Five steps make rounding errors of the small singular values up to 3.4⁵ times as large.
      expectClose(found, expected, { rtol: 2e-4, atol: 0 })
      expect(sameBits(await run(), found)).toBe(true)
      expect(tf.memory().numTensors).toBe(before)
      if (tf.backend() instanceof LabBackend)
        expectClose(await withTwins(run), expected, { rtol: 2e-4, atol: 0 })
      x.dispose()
    },
  )

  it('gives zeros for zeros', async () => {
    const y = newtonSchulz(tf.zeros([4, 6]), 5)
    expect([...(await y.data())]).toEqual(Array.from({ length: 24 }, () => 0))
  })

  it('refuses what is no matrix', () => {
    expect(() => newtonSchulz(tf.zeros([4]) as unknown as tf.Tensor2D, 5)).toThrow(/newtonSchulz x/)
  })
})

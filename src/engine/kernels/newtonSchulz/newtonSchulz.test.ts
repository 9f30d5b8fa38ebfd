import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits, withTwins } from '../../../../tests/helpers/kernels.ts'
import { newtonSchulzReference } from '../../../../tests/helpers/newtonSchulzReference.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { newtonSchulz } from './newtonSchulz.ts'

type Sizes = [count: number, rows: number, columns: number]

const cases: [string, Sizes[]][] = [
  ['one number', [[1, 1, 1]]],
  [
    'wide and tall',
    [
      [2, 1, 63],
      [1, 65, 3],
    ],
  ],
  [
    'the same rows, which lie in one stack of Gram matrices',
    [
      [1, 64, 64],
      [3, 8, 20],
      [2, 8, 65],
      [1, 8, 9],
    ],
  ],
  [
    'the same rows, which cannot',
    [
      [2, 33, 100],
      [1, 33, 40],
    ],
  ],
]

await describeOnDevices('newtonSchulz', () => {
  it.each(cases)('equals float64 loops, the same bits twice, and leaves no tensors: %s', async (_, sizes) => {
    const values = sizes.map(([count, rows, columns], k) => {
      const all = normals(count * rows * columns, `x ${k}`)
      // Matrices of very different lengths: each counts for itself.
      return all.map((value, i) => value * 10 ** Math.floor(i / (rows * columns)))
    })
    const stacks = sizes.map((shape, k) => tf.tensor3d(values[k]!, shape))
    const before = tf.memory().numTensors
    const run = async (): Promise<Float32Array[]> => {
      const results = newtonSchulz(stacks, 5)
      const found = await Promise.all(results.map(async (y) => Float32Array.from(await y.data())))
      tf.dispose(results)
      return found
    }
    const expected = sizes.map(([count, rows, columns], k) =>
      Array.from({ length: count }, (_each, n) => {
        const one = values[k]!.subarray(n * rows * columns, (n + 1) * rows * columns)
        return newtonSchulzReference(one, [rows, columns], 5)
      }).flat(),
    )
    const found = await run()
    // Five steps make rounding errors of the small singular values up to 3.4⁵ times as large.
    found.forEach((y, k) => expectClose(y, expected[k]!, { rtol: 2e-4, atol: 0 }, `stack ${k}`))
    const again = await run()
    found.forEach((y, k) => expect(sameBits(again[k]!, y)).toBe(true))
    expect(tf.memory().numTensors).toBe(before)
    if (tf.backend() instanceof LabBackend)
      (await withTwins(run)).forEach((y, k) => expectClose(y, expected[k]!, { rtol: 2e-4, atol: 0 }))
    tf.dispose(stacks)
  })

  it('gives zeros for zeros', async () => {
    const [y] = newtonSchulz([tf.zeros([1, 4, 6])], 5)
    expect([...(await y!.data())]).toEqual(Array.from({ length: 24 }, () => 0))
  })

  it('refuses what is no stack of matrices', () => {
    expect(() => newtonSchulz([tf.zeros([4, 2]) as unknown as tf.Tensor3D], 5)).toThrow(/newtonSchulz x/)
  })
})

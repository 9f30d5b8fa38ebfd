import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals, sameBits, withTwins } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { movingAverage, movingAverageTwin } from './movingAverage.ts'

const decay = 0.9

async function averageOf(old: Float32Array, fresh: Float32Array, norm: number): Promise<Float32Array> {
  const backend = tf.backend()
  const result = tf.tidy(() => {
    const [average, value] = [tf.add(tf.tensor1d(old), 0), tf.tensor1d(fresh)]
    const options = { decay, clip: tf.tensor1d([1, norm]) }
    if (!(backend instanceof LabBackend)) return movingAverageTwin(average, value, options)
    movingAverage(backend, backend.rangeOf(average), backend.rangeOf(value), options)
    return average
  })
  const found = Float32Array.from(await result.data())
  result.dispose()
  return found
}

await describeOnDevices('movingAverage', () => {
  it.each([4, 64, 252, 256, 260, 1000])(
    'equals loops at %i numbers, as its twin does, and leaves no tensors',
    async (size) => {
      const [old, fresh] = [normals(size, 'old'), normals(size, 'fresh')]
      const before = tf.memory().numTensors
      const expected = Array.from(old, (value, i) => decay * value + (1 - decay) * fresh[i]!)
      expectClose(await averageOf(old, fresh, 1), expected, { rtol: 1e-6, atol: 0 })
      const byTwin = await withTwins(() => averageOf(old, fresh, 1))
      expectClose(byTwin, expected, { rtol: 1e-6, atol: 0 })
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  it('leaves what equals its average, and all where the norm is not finite', async () => {
    const [old, fresh] = [normals(64, 'old'), normals(64, 'fresh')]
    expect(sameBits(await averageOf(old, old, 1), old)).toBe(true)
    for (const norm of [NaN, Infinity]) expect(sameBits(await averageOf(old, fresh, norm), old)).toBe(true)
  })
})

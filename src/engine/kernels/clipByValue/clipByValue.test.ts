import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { normals, withTwins } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { clipByValue, clipByValueTwin } from './clipByValue.ts'

async function clipped(values: Float32Array, limit: number): Promise<number[]> {
  const backend = tf.backend()
  const result = tf.tidy(() => {
    if (!(backend instanceof LabBackend)) return clipByValueTwin(tf.tensor1d(values), limit)
    const target = tf.reshape(tf.slice(tf.tensor1d([...values, 0]), 0, values.length), [values.length])
    clipByValue(backend, backend.rangeOf(target), limit)
    return target
  })
  const found = [...(await result.data())]
  result.dispose()
  return found
}

await describeOnDevices('clipByValue', () => {
  it.each([1, 63, 64, 65, 1000])('equals loops at %i numbers, as its twin does', async (size) => {
    const values = normals(size, 'values')
    const before = tf.memory().numTensors
    const expected = Array.from(values, (value) => Math.min(0.5, Math.max(-0.5, value)))
    expect(await clipped(values, 0.5)).toEqual(expected)
    expect(await withTwins(() => clipped(values, 0.5))).toEqual(expected)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves what is not finite, so that the norm tells of it', async () => {
    const found = await clipped(Float32Array.of(NaN, Infinity, -Infinity, 3), 1)
    expect(found).toEqual([NaN, Infinity, -Infinity, 1])
  })
})

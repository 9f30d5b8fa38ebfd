import { describe, expect, it } from 'vitest'
import { gpuForTests, describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { createDevice } from './createDevice.ts'
import * as tf from './tfjs.ts'

/** A GPU whose adapter is this one. */
const gpuOffering = (adapter: object | null): GPU =>
  ({ requestAdapter: () => Promise.resolve(adapter) }) as unknown as GPU

describe('createDevice without a usable GPU', () => {
  it('says which of the reasons it is', async () => {
    const attempt = (gpu: GPU | null) => createDevice({ backend: 'webgpu', gpu })
    await expect(attempt(null)).rejects.toMatchObject({ name: 'DeviceError', code: 'no-webgpu' })
    await expect(attempt(gpuOffering(null))).rejects.toMatchObject({ code: 'no-adapter' })
    const limits = { maxComputeInvocationsPerWorkgroup: 128 }
    const small = gpuOffering({ limits, features: new Set() })
    await expect(attempt(small)).rejects.toMatchObject({
      code: 'limits-too-small',
      details: { limit: 'maxComputeInvocationsPerWorkgroup', needed: 256, offered: 128 },
    })
  })
})

await describeOnDevices('createDevice', (device) => {
  it('makes its backend the current one, with gradients', async () => {
    const gradient = tf.grad((x) => tf.sum(tf.neg(tf.square(x))))(tf.tensor1d([1, 2, 3]))
    expect([...(await gradient.data())]).toEqual([-2, -4, -6])
    expect(device().info.name).not.toBe('')
  })

  it('counts live memory', async () => {
    const before = device().memory()
    const tensor = tf.add(tf.ones([1000]), tf.ones([1000]))
    await tensor.data()
    const { usedBytes, tensors } = device().memory()
    expect(usedBytes - before.usedBytes).toBeGreaterThanOrEqual(4000)
    expect(tensors).toBe(before.tensors + 3)
  })

  it('has nothing to report after good work', async () => {
    await device().sync()
    expect(() => device().throwIfFailed()).not.toThrow()
  })
})

const gpu = await gpuForTests()
describe.skipIf(gpu === null)(
  `createDevice on webgpu${gpu ? '' : ': skipped, there is no WebGPU adapter'}`,
  () => {
    it('throws a validation error once, after the fact', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      device.gpuDevice!.createBuffer({ size: 16, usage: 0xffff })
      await device.sync()
      expect(() => device.throwIfFailed()).toThrow(
        expect.objectContaining({ name: 'DeviceError', code: 'gpu-validation' }),
      )
      expect(() => device.throwIfFailed()).not.toThrow()
      device.dispose()
    })

    it('tells of a loss, and another device can follow', async () => {
      const first = await createDevice({ backend: 'webgpu', gpu })
      tf.ones([4])
      first.gpuDevice!.destroy()
      expect(await first.lost).toMatchObject({ name: 'DeviceError', code: 'device-lost' })
      first.dispose()
      const second = await createDevice({ backend: 'webgpu', gpu })
      expect([...(await tf.add(tf.ones([2]), 1).data())]).toEqual([2, 2])
      second.dispose()
    })

    it('keeps quiet about its own disposal', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      let isLost = false
      void device.lost.then(() => (isLost = true))
      device.dispose()
      device.dispose()
      await device.gpuDevice!.lost
      await Promise.resolve()
      expect(isLost).toBe(false)
      expect(tf.getBackend()).toBe('cpu')
    })
  },
)

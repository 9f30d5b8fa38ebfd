import { describe, expect, it } from 'vitest'
import { createDevice } from './createDevice.ts'
import { cpuInfo } from './deviceInfo.ts'
import { whilePlanning } from './planningBackend.ts'
import { UnmadeBuffer } from './unmadeBuffer.ts'
import * as tf from './tfjs.ts'

describe('whilePlanning', () => {
  it('stores nothing, computes nothing that would be written, and leaves all as it was, also where it fails', async () => {
    await createDevice({ backend: 'cpu', gpu: null })
    const names = Object.getOwnPropertyNames(globalThis)
    const seen = whilePlanning(cpuInfo, (_device, backend) => {
      const buffer = backend.makeBuffer({ size: 2 ** 40, usage: GPUBufferUsage.STORAGE })
      backend.fill(buffer, 0, () => {
        throw new Error('made')
      })
      return {
        isUnmade: buffer instanceof UnmadeBuffer,
        size: buffer.size,
        isCurrent: tf.backend() === backend,
      }
    })
    expect(seen).toEqual({ isUnmade: true, size: 2 ** 40, isCurrent: true })
    expect(() =>
      whilePlanning(cpuInfo, () => {
        throw new Error('of the run')
      }),
    ).toThrow('of the run')
    expect(tf.getBackend()).toBe('cpu')
    expect(tf.getKernelsForBackend('bunsen-plan')).toEqual([])
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(names)
  })
})

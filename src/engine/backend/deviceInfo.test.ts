import { describe, expect, it } from 'vitest'
import { describeAdapter } from './deviceInfo.ts'

const adapter = (info: Partial<GPUAdapterInfo> | undefined, isFallbackAdapter?: boolean) => ({
  ...(info ? { info } : {}),
  ...(isFallbackAdapter === undefined ? {} : { isFallbackAdapter }),
  features: new Set(['subgroups', 'shader-f16']),
  limits: { maxBufferSize: 268435456, maxTextureDimension1D: 8192 },
})

describe('describeAdapter', () => {
  it('names hardware by what the browser tells', () => {
    expect(describeAdapter(adapter({ vendor: 'apple', architecture: 'metal-3' })).name).toBe('Apple metal-3')
    expect(
      describeAdapter(adapter({ vendor: 'nvidia', architecture: 'ampere', device: '0x2484' })).name,
    ).toBe('NVIDIA ampere')
    expect(describeAdapter(adapter({ vendor: 'apple', device: 'Apple M1 Pro' })).name).toBe('Apple M1 Pro')
    expect(describeAdapter(adapter({ vendor: 'acme' })).name).toBe('Acme GPU')
  })

  it('recognises rasterisers', () => {
    const swiftShader = describeAdapter(adapter({ vendor: 'google', architecture: 'swiftshader' }))
    expect([swiftShader.name, swiftShader.isSoftware]).toEqual(['SwiftShader (software)', true])
    const llvmpipe = describeAdapter(
      adapter({ vendor: 'mesa', description: 'llvmpipe (LLVM 19.1.7, 256 bits)' }),
    )
    expect([llvmpipe.name, llvmpipe.isSoftware]).toEqual(['llvmpipe (software)', true])
    expect(describeAdapter(adapter({ vendor: 'acme' }, true))).toMatchObject({
      name: 'Acme GPU (software)',
      isSoftware: true,
    })
  })

  it('does without the fields that a browser leaves out', () => {
    const { name, vendor, isSoftware, features, limits } = describeAdapter(adapter(undefined))
    expect({ name, vendor, isSoftware }).toEqual({ name: 'unnamed GPU', vendor: '', isSoftware: false })
    expect(features).toEqual(['shader-f16', 'subgroups'])
    expect(limits).toEqual({ maxBufferSize: 268435456 })
  })
})

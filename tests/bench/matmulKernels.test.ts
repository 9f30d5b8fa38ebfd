import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../helpers/gpu.ts'
import { registerKernel, sharedKernel, type MatmulKernel } from './matmulKernels.ts'

const gpu = await gpuForTests()

/** C = A * B, all row-major [side, side]. */
async function multiply(kernel: MatmulKernel, a: Float32Array, b: Float32Array): Promise<Float32Array> {
  const device = await (await gpu!.requestAdapter())!.requestDevice()
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC
  const buffers = [new Float32Array(a.length), a, b].map((data) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage })
    device.queue.writeBuffer(buffer, 0, new Float32Array(data))
    return buffer
  })
  const copy = device.createBuffer({
    size: a.byteLength,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  const module = device.createShaderModule({ code: kernel.wgsl })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } })
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }))
  pass.dispatchWorkgroups(...kernel.grid)
  pass.end()
  encoder.copyBufferToBuffer(buffers[0]!, 0, copy, 0, a.byteLength)
  device.queue.submit([encoder.finish()])
  await copy.mapAsync(GPUMapMode.READ)
  const result = new Float32Array(copy.getMappedRange().slice(0))
  device.destroy()
  return result
}

const title =
  gpu === null ? 'kernels of the ceiling: skipped, there is no WebGPU adapter' : 'kernels of the ceiling'
describe.skipIf(gpu === null)(title, () => {
  it.each([registerKernel, sharedKernel])('%o multiplies whole numbers exactly', async (make) => {
    const side = 128
    const a = Float32Array.from({ length: side * side }, (_, i) => ((i * 37) % 11) - 5)
    const b = Float32Array.from({ length: side * side }, (_, i) => ((i * 53) % 13) - 6)
    const expected = a.map((_, at) => {
      const [row, column] = [Math.floor(at / side), at % side]
      let sum = 0
      for (let k = 0; k < side; k++) sum += a[row * side + k]! * b[k * side + column]!
      return sum
    })
    expect(await multiply(make(side), a, b)).toEqual(expected)
  })
})

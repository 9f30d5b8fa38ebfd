import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../helpers/gpu.ts'
import { laneKernels, registerKernel, sharedKernel, type MatmulKernel } from './matmulKernels.ts'

const gpu = await gpuForTests()

/** C = A * B, all row-major [side, side]. */
async function multiply(
  make: (device: GPUDevice) => MatmulKernel | undefined,
  a: Float32Array,
  b: Float32Array,
): Promise<Float32Array | null> {
  const adapter = (await gpu!.requestAdapter())!
  const features = (['subgroups'] as const).filter((name) => adapter.features.has(name))
  const device = await adapter.requestDevice({ requiredFeatures: features })
  const kernel = make(device)
  if (kernel === undefined) return null
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
  const side = 128
  const makers = {
    registers: () => registerKernel(side),
    shared: () => sharedKernel(side),
    'first lanes': (device: GPUDevice) => laneKernels(device, side)[0],
    'last lanes': (device: GPUDevice) => laneKernels(device, side).at(-1),
  }
  it.each(Object.entries(makers))('%s multiplies whole numbers exactly', async (_, make) => {
    const a = Float32Array.from({ length: side * side }, (_, i) => ((i * 37) % 11) - 5)
    const b = Float32Array.from({ length: side * side }, (_, i) => ((i * 53) % 13) - 6)
    const expected = a.map((_, at) => {
      const [row, column] = [Math.floor(at / side), at % side]
      let sum = 0
      for (let k = 0; k < side; k++) sum += a[row * side + k]! * b[k * side + column]!
      return sum
    })
    const product = await multiply(make, a, b)
    // null where the adapter's subgroups have another size
    if (product !== null) expect(product).toEqual(expected)
  })
})

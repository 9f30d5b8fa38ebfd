import * as tf from '../../src/engine/backend/tfjs.ts'
import { median } from '../../src/core/median.ts'
import { laneKernels, registerKernel, sharedKernel, type MatmulKernel } from './matmulKernels.ts'

/** Products in one submission, so that the wait does not count. */
const productsInARow = 4

/** The fastest matrix product that we can make on this adapter: what a training step is held against. */
export interface MatmulCeiling {
  /** One round of every kernel; call it between rounds of steps. */
  measure(): Promise<void>
  /** FLOP/s of the best kernel's median. */
  best(): { name: string; flopsPerSecond: number }
  dispose(): void
}

interface Candidate {
  readonly name: string
  readonly timesMs: number[]
  run(): Promise<void>
}

/** Own kernels on a device of their own, and tfjs's on its current backend. `side` is a multiple of 64. */
export async function createMatmulCeiling(gpu: GPU, side: number): Promise<MatmulCeiling> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw new Error('matmul ceiling: there is no WebGPU adapter')
  const features = (['subgroups'] as const).filter((name) => adapter.features.has(name))
  const device = await adapter.requestDevice({ requiredFeatures: features })
  const values = Float32Array.from({ length: side * side }, (_, i) => ((i * 7919) % 101) / 101)
  const buffers = [new Float32Array(side * side), values, values].map((data) => upload(device, data))
  const candidates = [registerKernel(side), sharedKernel(side), ...laneKernels(device, side)].map((kernel) =>
    ownCandidate(device, kernel, buffers),
  )
  const tfjs = tfjsCandidate(values, side)
  candidates.push(tfjs)
  for (const candidate of candidates) await candidate.run()
  return {
    async measure() {
      for (const candidate of candidates) {
        const start = performance.now()
        await candidate.run()
        candidate.timesMs.push((performance.now() - start) / productsInARow)
      }
    },
    best() {
      const rated = candidates.map(({ name, timesMs }) => ({
        name,
        flopsPerSecond: (2 * side ** 3 * 1000) / median(timesMs),
      }))
      return rated.reduce((a, b) => (b.flopsPerSecond > a.flopsPerSecond ? b : a))
    },
    dispose() {
      tfjs.dispose()
      device.destroy()
    },
  }
}

function upload(device: GPUDevice, data: Float32Array): GPUBuffer {
  const buffer = device.createBuffer({
    size: data.byteLength,
    usage: GPUBufferUsage.STORAGE,
    mappedAtCreation: true,
  })
  new Float32Array(buffer.getMappedRange()).set(data)
  buffer.unmap()
  return buffer
}

function ownCandidate(device: GPUDevice, kernel: MatmulKernel, buffers: readonly GPUBuffer[]): Candidate {
  const module = device.createShaderModule({ code: kernel.wgsl, label: kernel.name })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } })
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })
  return {
    name: kernel.name,
    timesMs: [],
    async run() {
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, bindGroup)
      for (let i = 0; i < productsInARow; i++) pass.dispatchWorkgroups(...kernel.grid)
      pass.end()
      device.queue.submit([encoder.finish()])
      await device.queue.onSubmittedWorkDone()
    },
  }
}

function tfjsCandidate(values: Float32Array, side: number): Candidate & { dispose(): void } {
  const [a, b] = [tf.tensor2d(values, [side, side]), tf.tensor2d(values, [side, side])]
  return {
    name: 'tfjs',
    timesMs: [],
    async run() {
      const products = Array.from({ length: productsInARow }, () => tf.matMul(a, b))
      // One number tells that all are done: they run in order.
      await tf.tidy(() => tf.slice(products.at(-1)!, [0, 0], [1, 1])).data()
      tf.dispose(products)
    },
    dispose: () => tf.dispose([a, b]),
  }
}

import type { PlannedPipeline } from './recorder.ts'
import type { WebGPUInternals } from './tfjsInternals.ts'

/** Pipelines of our own programs and of tfjs's, each compiled once, now or in the background. */
export class PipelineCache {
  readonly #device: GPUDevice
  readonly #internals: WebGPUInternals
  readonly #compiled = new Map<string, GPUComputePipeline>()
  readonly #planned = new Map<string, PlannedPipeline>()

  constructor(device: GPUDevice, internals: WebGPUInternals) {
    this.#device = device
    this.#internals = internals
  }

  /** Of WGSL, which `wgsl` gives when it is first compiled. */
  own(key: string, wgsl: () => string): PlannedPipeline {
    const known = this.#planned.get(key)
    if (known) return known
    const describe = (): GPUComputePipelineDescriptor => {
      const module = this.#device.createShaderModule({ code: wgsl(), label: key })
      return { layout: 'auto', compute: { module, entryPoint: 'main' }, label: key }
    }
    const keep = (pipeline: GPUComputePipeline): GPUComputePipeline => {
      this.#compiled.set(key, pipeline)
      return pipeline
    }
    const planned: PlannedPipeline = {
      label: key,
      compileNow: () => this.#compiled.get(key) ?? keep(this.#device.createComputePipeline(describe())),
      compile: async () =>
        this.#compiled.get(key) ?? keep(await this.#device.createComputePipelineAsync(describe())),
    }
    this.#planned.set(key, planned)
    return planned
  }

  /** Of a program of tfjs that is being compiled in the background. */
  stock(shaderKey: string, label: string): PlannedPipeline {
    const known = this.#planned.get(`tfjs ${shaderKey}`)
    if (known) return known
    const { pipelineCache } = this.#internals
    const planned: PlannedPipeline = {
      label,
      compile: async () => (pipelineCache[shaderKey] = await pipelineCache[shaderKey]!),
      compileNow: () => {
        throw new TypeError(
          'LabBackend: a program of tfjs that was recorded for later cannot be compiled now',
        )
      },
    }
    this.#planned.set(`tfjs ${shaderKey}`, planned)
    return planned
  }

  clear(): void {
    this.#compiled.clear()
  }
}

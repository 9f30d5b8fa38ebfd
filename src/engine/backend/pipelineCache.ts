import type { PlannedPipeline } from './recorder.ts'
import type { WebGPUInternals } from './tfjsInternals.ts'

/** Pipelines of our own programs and of tfjs's, each compiled once, now or in the background. */
export class PipelineCache {
  readonly #device: GPUDevice
  readonly #internals: WebGPUInternals
  readonly #compiled = new Map<string, GPUComputePipeline>()
  readonly #planned = new Map<string, PlannedPipeline>()
  /** What tfjs's programs are made of that are being compiled in the background. */
  readonly #descriptors = new WeakMap<Promise<GPUComputePipeline>, GPUComputePipelineDescriptor>()

  constructor(device: GPUDevice, internals: WebGPUInternals) {
    this.#device = device
    this.#internals = internals
    const submit = internals.recordAndSubmit.bind(internals)
    // It throws where a recording has set a program compiling in the background that is needed before it is ready.
    internals.recordAndSubmit = (program, ...rest) => {
      if (program.pipeline instanceof Promise) program.pipeline = this.stockNow(program.shaderKey)
      submit(program, ...rest)
    }
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

  /** Begins to compile a program of tfjs in the background. */
  begin(descriptor: GPUComputePipelineDescriptor): Promise<GPUComputePipeline> {
    const pipeline = this.#device.createComputePipelineAsync(descriptor)
    this.#descriptors.set(pipeline, descriptor)
    return pipeline
  }

  /** Of a program of tfjs, at once: one that is still being compiled in the background is compiled here too. */
  stockNow(shaderKey: string): GPUComputePipeline {
    const { pipelineCache } = this.#internals
    const held = pipelineCache[shaderKey]!
    if (!(held instanceof Promise)) return held
    const pipeline = this.#device.createComputePipeline(this.#descriptors.get(held)!)
    pipelineCache[shaderKey] = pipeline
    return pipeline
  }

  /** Of a program of tfjs that is being compiled in the background. */
  stock(shaderKey: string, label: string): PlannedPipeline {
    const known = this.#planned.get(`tfjs ${shaderKey}`)
    if (known) return known
    const { pipelineCache } = this.#internals
    const planned: PlannedPipeline = {
      label,
      compile: async () => (pipelineCache[shaderKey] = await pipelineCache[shaderKey]!),
      compileNow: () => this.stockNow(shaderKey),
    }
    this.#planned.set(`tfjs ${shaderKey}`, planned)
    return planned
  }

  clear(): void {
    this.#compiled.clear()
  }
}

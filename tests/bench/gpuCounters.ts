/** What one step asked of WebGPU. */
export interface GpuCounts {
  dispatches: number
  passes: number
  submits: number
  newBuffers: number
  writeBuffers: number
  bindGroups: number
}

/** Bytes of GPU buffers that are not destroyed, by the contender that made them. */
interface Memory {
  liveBytes: number
  peakBytes: number
}

const none: GpuCounts = {
  dispatches: 0,
  passes: 0,
  submits: 0,
  newBuffers: 0,
  writeBuffers: 0,
  bindGroups: 0,
}

/** Counts calls and memory by wrapping the prototypes of WebGPU, for as long as it is installed. */
export class GpuCounters {
  counts: GpuCounts = { ...none }
  /** Who makes buffers at the moment. */
  owner = ''
  readonly #memory = new Map<string, Memory>()
  readonly #buffers = new WeakMap<GPUBuffer, { owner: string; sizeBytes: number }>()
  readonly #undo: (() => void)[] = []
  readonly #undoCounts: (() => void)[] = []

  install(): void {
    const count = (name: keyof GpuCounts) => () => void this.counts[name]++
    this.#count(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', count('dispatches'))
    this.#count(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', count('dispatches'))
    this.#count(GPUCommandEncoder.prototype, 'beginComputePass', count('passes'))
    this.#count(GPUQueue.prototype, 'submit', count('submits'))
    this.#count(GPUQueue.prototype, 'writeBuffer', count('writeBuffers'))
    this.#count(GPUDevice.prototype, 'createBindGroup', count('bindGroups'))
    this.#wrap(GPUDevice.prototype, 'createBuffer', (_device, buffer) => this.#created(buffer as GPUBuffer))
    this.#wrap(GPUBuffer.prototype, 'destroy', (buffer) => this.#destroyed(buffer as GPUBuffer))
  }

  /** From here on calls are not counted, which would be time on the clock; memory still is. */
  stopCounting(): void {
    for (const undo of this.#undoCounts.splice(0)) undo()
  }

  uninstall(): void {
    this.stopCounting()
    for (const undo of this.#undo.splice(0)) undo()
  }

  reset(): void {
    this.counts = { ...none }
  }

  memoryOf(owner: string): Memory {
    const known = this.#memory.get(owner) ?? { liveBytes: 0, peakBytes: 0 }
    this.#memory.set(owner, known)
    return known
  }

  #count(prototype: object, name: string, seen: () => void): void {
    this.#wrap(prototype, name, seen, this.#undoCounts)
  }

  #created(buffer: GPUBuffer): void {
    this.counts.newBuffers++
    const memory = this.memoryOf(this.owner)
    this.#buffers.set(buffer, { owner: this.owner, sizeBytes: buffer.size })
    memory.liveBytes += buffer.size
    memory.peakBytes = Math.max(memory.peakBytes, memory.liveBytes)
  }

  #destroyed(buffer: GPUBuffer): void {
    const known = this.#buffers.get(buffer)
    if (known === undefined) return
    this.#buffers.delete(buffer)
    this.memoryOf(known.owner).liveBytes -= known.sizeBytes
  }

  /** Calls `seen` after the method, with its object and its result. */
  #wrap(
    prototype: object,
    name: string,
    seen: (self: unknown, result: unknown) => void,
    undo = this.#undo,
  ): void {
    const original: unknown = Reflect.get(prototype, name)
    if (typeof original !== 'function') throw new TypeError(`GpuCounters: WebGPU has no ${name}`)
    function wrapped(this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(original as () => unknown, this, args)
      seen(this, result)
      return result
    }
    Reflect.defineProperty(prototype, name, { value: wrapped, configurable: true, writable: true })
    undo.push(() => {
      Reflect.defineProperty(prototype, name, { value: original, configurable: true, writable: true })
    })
  }
}

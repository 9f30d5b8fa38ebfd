import { DeviceError } from '../../core/errors.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'

/** Steps whose numbers may wait on the device. */
const slots = 64

/**
 * Numbers that a step leaves behind, kept on the device until many steps can be read at once: a wait for one step is a
 * stall. Entries are read or given up in any order; a full ring must be read first.
 */
export class ReadingsRing {
  readonly #backend: LabBackend
  readonly #length: number
  readonly #buffer: GPUBuffer
  readonly #free: GPUBuffer[] = []
  #next = 0
  /** Slots that are waited for. */
  readonly #pending = new Set<number>()
  /** One transfer serves all that ask in the same turn. */
  #transfer: Promise<Float32Array> | null = null

  /** @param length numbers a step */
  constructor(backend: LabBackend, length: number) {
    this.#backend = backend
    this.#length = length
    this.#buffer = backend.makeBuffer({
      size: slots * length * 4,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      label: 'readings',
    })
  }

  get sizeBytes(): number {
    return this.#buffer.size * (1 + this.#free.length)
  }

  get isFull(): boolean {
    return this.#pending.size === slots
  }

  /** Adds the copy of a step's numbers to its encoder. Returns the entry to read. */
  push(encoder: GPUCommandEncoder, from: BufferRange): number {
    if (this.isFull) {
      throw new DeviceError(`Readings: at most ${slots} steps may wait to be read, got one more`, {
        code: 'readings-full',
        remedy: 'Read or discard the numbers of earlier steps first.',
      })
    }
    while (this.#pending.has(this.#next % slots)) this.#next++
    const slot = this.#next++ % slots
    this.#pending.add(slot)
    const sizeBytes = this.#length * 4
    encoder.copyBufferToBuffer(
      from.buffer as GPUBuffer,
      from.offset,
      this.#buffer,
      slot * sizeBytes,
      sizeBytes,
    )
    // A transfer of before does not hold this step.
    this.#transfer = null
    return slot
  }

  async read(slot: number): Promise<Float32Array> {
    this.#transfer ??= this.#fetch()
    const values = await this.#transfer
    this.#pending.delete(slot)
    return values.slice(slot * this.#length, (slot + 1) * this.#length)
  }

  discard(slot: number): void {
    this.#pending.delete(slot)
  }

  dispose(): void {
    this.#backend.freeBuffer(this.#buffer)
    for (const staging of this.#free) this.#backend.freeBuffer(staging)
  }

  async #fetch(): Promise<Float32Array> {
    const { size } = this.#buffer
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
    const staging =
      this.#free.pop() ?? this.#backend.makeBuffer({ size, usage, label: 'readings on the way' })
    const encoder = this.#backend.device.createCommandEncoder()
    encoder.copyBufferToBuffer(this.#buffer, 0, staging, 0, size)
    this.#backend.device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    const values = new Float32Array(staging.getMappedRange().slice(0))
    staging.unmap()
    this.#free.push(staging)
    return values
  }
}

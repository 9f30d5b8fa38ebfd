import type { LabBackend } from '../backend/labBackend.ts'
import { PlannedBuffer, type BufferRange } from '../backend/plannedBuffer.ts'
import type { Command, PlannedPipeline, Recording } from '../backend/recorder.ts'
import { cutEvenly } from './pieces.ts'
import { checkPlaces, placeBuffers, rangesOf, type Placement } from './placement.ts'
import type { Workspace } from './workspace.ts'

type Dispatching = Extract<Command, { kind: 'dispatch' }>

/** One thing to encode. */
type Order =
  | {
      kind: 'dispatch'
      label: string
      pipeline: GPUComputePipeline
      group: GPUBindGroup
      grid: Dispatching['grid']
      flops: number
      bytes: number
    }
  | { kind: 'copy'; from: GPUBufferBinding; to: GPUBufferBinding; size: number }
  | { kind: 'clear'; range: GPUBufferBinding }

export interface ProgramOptions {
  readonly backend: LabBackend
  readonly workspace: Workspace
  /** Buffers that are read after the last command. */
  readonly kept: readonly (GPUBuffer | PlannedBuffer)[]
}

/** Bindings start at multiples of this many bytes, on every adapter. */
const constantAlignment = 256

export interface ProgramPart {
  readonly label: string
  /** As the kernel tells; 0 where it does not. */
  readonly flops: number
  /** Of all its bindings: what it moves at the least, where it reads all of them once. */
  readonly bytes: number
}

/** A recorded step with a place for every buffer. Running it is one submission. */
export class Program {
  readonly placement: Placement
  readonly #backend: LabBackend
  readonly #orders: readonly Order[]
  /** The last answer of {@link cut}. */
  #cut: { readonly count: number; readonly ends: readonly number[] } | null = null
  readonly #constants: GPUBuffer | null
  readonly #placeOf: (buffer: GPUBuffer | PlannedBuffer) => BufferRange

  /**
   * The pipelines must be compiled, or are compiled now.
   * @throws DeviceError `buffer-too-large`
   */
  constructor(recording: Recording, { backend, workspace, kept }: ProgramOptions) {
    const { commands } = recording
    this.#backend = backend
    this.placement = placeBuffers(recording, new Set<object>(kept))
    checkPlaces(backend.device.limits, this.placement)
    const constants = constantsOf(commands)
    this.#constants = uploadConstants(backend, constants)
    const owners = workspace.take(this.placement.places.map(({ sizeBytes }) => sizeBytes))
    const planned = new Map<PlannedBuffer, BufferRange>()
    this.placement.places.forEach(({ members }, i) => {
      for (const member of members) planned.set(member, { buffer: owners[i]!, offset: 0, size: member.size })
    })
    for (const [buffer, offset] of constants)
      planned.set(buffer, { buffer: this.#constants!, offset, size: buffer.size })
    this.#placeOf = (buffer) =>
      buffer instanceof PlannedBuffer ? planned.get(buffer)! : { buffer, offset: 0, size: buffer.size }
    this.#orders = commands.map((command) => this.#orderOf(backend.device, command))
  }

  get dispatches(): number {
    return this.#orders.filter(({ kind }) => kind === 'dispatch').length
  }

  /** What each dispatch is, in order. */
  get parts(): ProgramPart[] {
    return this.#orders.flatMap((order) =>
      order.kind === 'dispatch' ? [{ label: order.label, flops: order.flops, bytes: order.bytes }] : [],
    )
  }

  /** Where a kept buffer lies. */
  placeOf(buffer: GPUBuffer | PlannedBuffer): BufferRange {
    return this.#placeOf(buffer)
  }

  /** Ends of `count` pieces of about the same work, for {@link encode}; fewer where there is little to cut. */
  cut(count: number): readonly number[] {
    if (count === 1) return [this.#orders.length]
    if (this.#cut?.count !== count) {
      const weights = this.#orders.map((order) => (order.kind === 'dispatch' ? order.flops + order.bytes : 0))
      this.#cut = { count, ends: cutEvenly(weights, count) }
    }
    return this.#cut.ends
  }

  /** Adds the orders from `start` to before `end` to an encoder, in as few passes as copies and clears allow. */
  encode(encoder: GPUCommandEncoder, start: number, end: number): void {
    let pass: GPUComputePassEncoder | null = null
    let current: GPUComputePipeline | null = null
    for (let i = start; i < end; i++) {
      const order = this.#orders[i]!
      if (order.kind === 'dispatch') {
        pass ??= encoder.beginComputePass()
        if (order.pipeline !== current) pass.setPipeline(order.pipeline)
        current = order.pipeline
        pass.setBindGroup(0, order.group)
        pass.dispatchWorkgroups(order.grid[0], order.grid[1], order.grid[2])
        continue
      }
      pass?.end()
      pass = null
      current = null
      encodeTransfer(encoder, order)
    }
    pass?.end()
  }

  /** The same with a pass for each dispatch: `timed` gives the times of dispatch `index`, from 0. */
  encodeTimed(encoder: GPUCommandEncoder, timed: (index: number) => GPUComputePassTimestampWrites): void {
    let index = 0
    for (const order of this.#orders) {
      if (order.kind !== 'dispatch') {
        encodeTransfer(encoder, order)
        continue
      }
      const pass = encoder.beginComputePass({ timestampWrites: timed(index++) })
      pass.setPipeline(order.pipeline)
      pass.setBindGroup(0, order.group)
      pass.dispatchWorkgroups(order.grid[0], order.grid[1], order.grid[2])
      pass.end()
    }
  }

  get constantBytes(): number {
    return this.#constants?.size ?? 0
  }

  dispose(): void {
    if (this.#constants !== null) this.#backend.freeBuffer(this.#constants)
  }

  #orderOf(device: GPUDevice, command: Command): Order {
    if (command.kind === 'clear') return { kind: 'clear', range: this.#binding(command.range) }
    if (command.kind === 'copy') {
      const { from, to } = command
      return { kind: 'copy', from: this.#binding(from), to: this.#binding(to), size: to.size }
    }
    const pipeline = command.pipeline.compileNow()
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: command.bindings.map((range, binding) => ({ binding, resource: this.#binding(range) })),
    })
    const { grid, flops, bindings } = command
    const bytes = bindings.reduce((sum, { size }) => sum + size, 0)
    return { kind: 'dispatch', label: command.pipeline.label, pipeline, group, grid, flops, bytes }
  }

  #binding({ buffer, offset, size }: BufferRange): GPUBufferBinding {
    const place = this.#placeOf(buffer)
    return { buffer: place.buffer as GPUBuffer, offset: place.offset + offset, size }
  }
}

/**
 * Compiles what a recording needs, all pipelines at once: the driver has the cores for it.
 * @param onProgress after each: how many are done
 */
export async function compileAll(
  { commands, forwardEnds }: Recording,
  onProgress: (done: number, total: number) => void,
): Promise<Recording> {
  const compiled = new Map<PlannedPipeline, GPUComputePipeline>()
  const pipelines = pipelinesOf(commands)
  let done = 0
  onProgress(0, pipelines.size)
  await Promise.all(
    [...pipelines].map(async (planned) => {
      compiled.set(planned, await planned.compile())
      onProgress(++done, pipelines.size)
    }),
  )
  return {
    forwardEnds,
    commands: commands.map((command) => {
      if (command.kind !== 'dispatch') return command
      const pipeline = compiled.get(command.pipeline)!
      return { ...command, pipeline: { ...command.pipeline, compileNow: () => pipeline } }
    }),
  }
}

/**
 * Compiles what a recording needs a few pipelines at a time, so that whoever needs the device next does not queue at its
 * compiler behind the rest. Ends early with the signal: the few that are at the compiler stay there.
 * @throws what the compiler says
 */
export async function compileInBackground(
  { commands }: Recording,
  atOnce: number,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...pipelinesOf(commands)]
  const work = async (): Promise<void> => {
    while (!signal.aborted && waiting.length > 0) await waiting.pop()!.compile()
  }
  const ended = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  await Promise.race([Promise.all(Array.from({ length: atOnce }, work)), ended])
}

function pipelinesOf(commands: readonly Command[]): Set<PlannedPipeline> {
  return new Set(commands.flatMap((command) => (command.kind === 'dispatch' ? [command.pipeline] : [])))
}

function encodeTransfer(encoder: GPUCommandEncoder, order: Exclude<Order, { kind: 'dispatch' }>): void {
  if (order.kind === 'clear') {
    encoder.clearBuffer(order.range.buffer, order.range.offset, order.range.size)
    return
  }
  const { from, to, size } = order
  encoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, to.buffer, to.offset ?? 0, size)
}

/** What the host wrote, each with its offset in one buffer; equal contents share a place. */
function constantsOf(commands: readonly Command[]): Map<PlannedBuffer, number> {
  const offsets = new Map<PlannedBuffer, number>()
  const known = new Map<string, number>()
  let end = 0
  for (const { buffer } of commands.flatMap(rangesOf)) {
    if (!(buffer instanceof PlannedBuffer) || buffer.contents === null || offsets.has(buffer)) continue
    const words = new Uint8Array(buffer.contents)
    const key = words.length <= 1024 ? words.join() : null
    const shared = key === null ? undefined : known.get(key)
    offsets.set(buffer, shared ?? end)
    if (shared !== undefined) continue
    if (key !== null) known.set(key, end)
    end += Math.ceil(buffer.size / constantAlignment) * constantAlignment
  }
  return offsets
}

function uploadConstants(
  backend: LabBackend,
  constants: ReadonlyMap<PlannedBuffer, number>,
): GPUBuffer | null {
  if (constants.size === 0) return null
  const size = Math.max(
    ...[...constants].map(
      ([buffer, offset]) => offset + Math.ceil(buffer.size / constantAlignment) * constantAlignment,
    ),
  )
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC
  const buffer = backend.makeBuffer({ size, usage, mappedAtCreation: true, label: 'constants' })
  const bytes = new Uint8Array(buffer.getMappedRange())
  for (const [{ contents }, offset] of constants) bytes.set(new Uint8Array(contents!), offset)
  buffer.unmap()
  return buffer
}

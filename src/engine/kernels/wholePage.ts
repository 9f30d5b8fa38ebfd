import type { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'

/** A weight that an optimizer sees as a whole, and where what belongs to it lies, in elements. */
export interface WholeWeight {
  readonly shape: readonly number[]
  /** Its numbers in the moment. */
  readonly group: number
  readonly parameter: number
  readonly gradient: number
  /** By the name of the slot; those that it has. */
  readonly slots: Readonly<Record<string, number>>
}

/** A page of flat buffers. */
export interface WholePage {
  readonly weights: readonly WholeWeight[]
  readonly parameters: BufferRange
  readonly gradients: BufferRange
  readonly slots: Readonly<Record<string, BufferRange>>
}

/** What an update is made with, on the device. */
export interface WholeMoment {
  /** f32, as a uniform */
  readonly moment: BufferRange
  /** Where the numbers of group 0 begin in it, and how far it is to the next group's: multiples of 4. */
  readonly offset: number
  readonly stride: number
  /** Of the numbers of a group, in their order. */
  readonly names: readonly string[]
  /** [2] f32: factor on every gradient, norm of all gradients */
  readonly clip: BufferRange
}

/** Member of the uniforms for {@link numbersOf}. */
export function momentMember({ moment }: WholeMoment): string {
  return `moment: array<vec4<f32>, ${moment.size / 16}>`
}

/** What of a moment is in the text. */
export function momentKey({ moment, offset, stride }: WholeMoment): string {
  return `${moment.size / 16} ${offset} ${stride}`
}

/** WGSL `let` statements: the numbers of the group that the expression names, by their names. */
export function numbersOf({ offset, stride, names }: WholeMoment, group: string): string {
  return names
    .map(
      (name, n) => `let ${name} = u.moment[${offset / 4 + (n >> 2)}u + ${group} * ${stride / 4}u][${n & 3}];`,
    )
    .join('\n  ')
}

/** A table that is read on the device; whoever asked for it frees it. */
export function tableBuffer(backend: LabBackend, table: Uint32Array<ArrayBuffer>): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
  const buffer = backend.makeBuffer({ size: table.byteLength, usage, label: 'weights that learn' })
  backend.device.queue.writeBuffer(buffer, 0, table)
  return buffer
}

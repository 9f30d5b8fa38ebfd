import type { BufferRange } from './plannedBuffer.ts'
import type { TensorInfo } from './tfjs.ts'

/** One dispatch of any WGSL program. Bindings of group 0 are `writes`, then `reads`, then the uniform buffer. */
export interface Dispatch {
  /** Identifies the WGSL: its name and every constant spliced into it. */
  key: string
  /** Called once a key. */
  wgsl: () => string
  /** `read_write` storage: outputs, or tensors that are updated in place. */
  writes: readonly (TensorInfo | BufferRange)[]
  reads: readonly (TensorInfo | GPUBuffer | BufferRange)[]
  /** Numbers that would otherwise make more programs; in a recorded step they are constants. Or a part of a buffer. */
  uniforms?: ArrayBuffer | BufferRange
  /** Workgroups in x, y, z. */
  grid: readonly [number, number, number]
  /** Floating-point operations, a multiply-add counted as two, for profiles; of what is worth counting. */
  flops?: number
  /** The text goes by how each tensor is stored; without it tensors that are stored as f16 are refused. */
  takesHalf?: boolean
}

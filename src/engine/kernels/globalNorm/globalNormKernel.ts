import type { LabBackend } from '../../backend/labBackend.ts'
import { isBufferRange, type BufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { bindings, constants, finiteness, float, forEachRow, newTensor } from '../wgsl.ts'
import clipBody from './clip.wgsl?raw'
import squaresBody from './squares.wgsl?raw'

/** Elements a block adds up, until a source has 64 blocks. */
const blockSize = 4096

function lengthOf(source: Tensor | BufferRange): number {
  return isBufferRange(source) ? source.size / 4 : source.size
}

/** One dispatch a source and one for all. */
export function fusedClip(
  backend: LabBackend,
  sources: readonly (Tensor | BufferRange)[],
  maxNorm: number,
): Tensor1D {
  const blocks = sources.map((source) => Math.min(64, Math.ceil(lengthOf(source) / blockSize)))
  const total = blocks.reduce((sum, count) => sum + count, 0)
  const partial = newTensor<tf.Rank.R2>(backend, [total, 2])
  let offset = 0
  sources.forEach((source, k) => {
    backend.dispatch({
      key: 'squares',
      wgsl: () =>
        bindings({ partial: 'vec2<f32>' }, { x: 'f32' }, 'offset: u32, blocks: u32') +
        finiteness +
        squaresBody +
        forEachRow(64, 'u.blocks'),
      writes: [partial],
      reads: [source],
      uniforms: Uint32Array.of(offset, blocks[k]!).buffer,
      grid: [blocks[k]!, 1, 1],
    })
    offset += blocks[k]!
  })
  const clip = newTensor<tf.Rank.R1>(backend, [2])
  backend.dispatch({
    key: `clip ${maxNorm}`,
    wgsl: () =>
      bindings({ clip: 'f32' }, { partial: 'vec2<f32>' }) +
      constants({ MAX_NORM: float(maxNorm) }) +
      clipBody +
      forEachRow(64, '1u'),
    writes: [clip],
    reads: [partial],
    grid: [1, 1, 1],
  })
  partial.dispose()
  return clip
}

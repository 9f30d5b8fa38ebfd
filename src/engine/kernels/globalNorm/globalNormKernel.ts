import type { LabBackend } from '../../backend/labBackend.ts'
import { isBufferRange, type BufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { bindings, constants, float, forEachRow, newTensor, rowGrid, units } from '../wgsl.ts'
import clipBody from './clip.wgsl?raw'
import squaresBody from './squares.wgsl?raw'

/** Elements a block adds up, until a source has the most blocks: teams with barriers, or on a rasteriser lone threads. */
const teams = { lanes: 64, blockSize: 4096, mostBlocks: 64 } as const
const loners = { lanes: 1, blockSize: 256, mostBlocks: 1024 } as const

function lengthOf(source: Tensor | BufferRange): number {
  return isBufferRange(source) ? source.size / 4 : source.size
}

/** One dispatch a source and one for all. */
export function fusedClip(
  backend: LabBackend,
  sources: readonly (Tensor | BufferRange)[],
  maxNorm: number,
): Tensor1D {
  const { lanes, blockSize, mostBlocks } = backend.isSoftware ? loners : teams
  const blocks = sources.map((source) => Math.min(mostBlocks, Math.ceil(lengthOf(source) / blockSize)))
  const total = blocks.reduce((sum, count) => sum + count, 0)
  const partial = newTensor<tf.Rank.R2>(backend, [total, 2])
  let offset = 0
  sources.forEach((source, k) => {
    const { type, text } = units(lengthOf(source) % 4 === 0 ? 4 : 1)
    backend.dispatch({
      key: `squares ${lanes} ${type}`,
      wgsl: () =>
        bindings({ partial: 'vec2<f32>' }, { x: type }, 'offset: u32, blocks: u32') +
        `${text}alias Bits = ${type.replace('f32', 'u32')};\n` +
        squaresBody +
        forEachRow(lanes, 'u.blocks'),
      writes: [partial],
      reads: [source],
      uniforms: Uint32Array.of(offset, blocks[k]!).buffer,
      grid: rowGrid(backend, blocks[k]!, lanes),
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

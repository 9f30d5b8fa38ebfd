import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { bindings, forEachElement, forEachRow, newTensor } from '../wgsl.ts'
import clipFactorBody from './clipFactor.wgsl?raw'
import normBody from './norm.wgsl?raw'
import squaresBody from './squares.wgsl?raw'

/** Elements a block adds up, until a tensor has 64 blocks. */
const blockSize = 4096

function blocksOf(tensor: Tensor): number {
  return Math.min(64, Math.ceil(tensor.size / blockSize))
}

/** One dispatch a tensor and one for all. */
export function fusedGlobalNorm(backend: LabBackend, gradients: readonly Tensor[]): Scalar {
  const blocks = gradients.map(blocksOf)
  const total = blocks.reduce((sum, count) => sum + count, 0)
  const partial = newTensor<tf.Rank.R1>(backend, [total])
  let offset = 0
  gradients.forEach((gradient, k) => {
    backend.dispatch({
      key: 'squares',
      wgsl: () =>
        bindings({ partial: 'f32' }, { x: 'f32' }, 'offset: u32, blocks: u32') +
        squaresBody +
        forEachRow(64, 'u.blocks'),
      writes: [partial],
      reads: [gradient],
      uniforms: Uint32Array.of(offset, blocks[k]!).buffer,
      grid: [blocks[k]!, 1, 1],
    })
    offset += blocks[k]!
  })
  const norm = newTensor<tf.Rank.R0>(backend, [])
  backend.dispatch({
    key: 'norm',
    wgsl: () => bindings({ norm: 'f32' }, { partial: 'f32' }) + normBody + forEachRow(64, '1u'),
    writes: [norm],
    reads: [partial],
    grid: [1, 1, 1],
  })
  partial.dispose()
  return norm
}

export function fusedClipFactor(backend: LabBackend, norm: Scalar, maxNorm: number): Scalar {
  const factor = newTensor<tf.Rank.R0>(backend, [])
  backend.dispatch({
    key: 'clipFactor',
    wgsl: () =>
      bindings({ factor: 'f32' }, { norm: 'f32' }, 'max_norm: f32') + clipFactorBody + forEachElement('1u'),
    writes: [factor],
    reads: [norm],
    uniforms: Float32Array.of(maxNorm).buffer,
    grid: [1, 1, 1],
  })
  return factor
}

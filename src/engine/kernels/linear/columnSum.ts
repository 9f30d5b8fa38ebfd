import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { columnBlocks, columnGrid } from '../columnBlocks.ts'
import { fusedBackend } from '../mode.ts'
import { bindings, constants, newTensor } from '../wgsl.ts'
import columnSumBody from './columnSum.wgsl?raw'

/**
 * Sum over rows in a fixed order: [N, D] to [D]. Two dispatches, the second of which adds the blocks of the first.
 */
export function columnSum(x: Tensor2D): Tensor1D {
  const backend = fusedBackend(x)
  if (backend === null) return tf.sum(x, 0)
  const blocks = columnBlocks(x.shape[0])
  const total = blocks === 1 ? x : blockSums(backend, x, blocks)
  const sums = tf.tidy(() => tf.reshape(blockSums(backend, total, 1), [x.shape[1]])) as Tensor1D
  if (total !== x) total.dispose()
  return sums
}

function blockSums(backend: LabBackend, x: Tensor, blocks: number): Tensor {
  const width = x.shape[1]!
  const sums = newTensor<tf.Rank.R2>(backend, [blocks, width])
  backend.dispatch({
    key: `columnSum ${width}`,
    wgsl: () => bindings({ sums: 'f32' }, { x: 'f32' }) + constants({ WIDTH: width }) + columnSumBody,
    writes: [sums],
    reads: [x],
    grid: columnGrid(backend, width, blocks),
  })
  return sums
}

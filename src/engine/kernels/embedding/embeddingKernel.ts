import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor } from '../wgsl.ts'
import occurrencesBody from './occurrences.wgsl?raw'
import tableGradientBody from './tableGradient.wgsl?raw'

/**
 * Gradient of the table in 2 dispatches: work grows with N · min(N, V), not with N · V.
 * @param dy [N, D]
 * @returns [V, D]
 */
export function fusedTableGradient(
  backend: LabBackend,
  dy: Tensor,
  ids: Tensor1D,
  vocabSize: number,
): Tensor {
  const [length, width] = dy.shape as [number, number]
  const links = newTensor<tf.Rank.R2>(backend, [length, 2], 'int32')
  backend.dispatch({
    key: 'occurrences',
    wgsl: () =>
      bindings({ links: 'vec2<i32>' }, { ids: 'i32' }) +
      occurrencesBody +
      forEachElement('arrayLength(&ids)'),
    writes: [links],
    reads: [ids],
    grid: elementGrid(backend, length),
  })
  const table = newTensor<tf.Rank.R2>(backend, [vocabSize, width])
  backend.clear(table)
  backend.dispatch({
    key: `tableGradient ${width}`,
    wgsl: () =>
      bindings({ table: 'f32' }, { dy: 'f32', ids: 'i32', links: 'vec2<i32>' }) +
      constants({ WIDTH: width }) +
      tableGradientBody +
      forEachElement('arrayLength(&dy)'),
    writes: [table],
    reads: [dy, ids, links],
    grid: elementGrid(backend, dy.size),
  })
  links.dispose()
  return table
}

import { LabBackend } from '../../backend/labBackend.ts'
import { ShapeError } from '../../../core/errors.ts'
import {
  backend as currentBackend,
  equal,
  expandDims,
  range,
  reshape,
  tidy,
  where,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { bindings, constants, elementGrid, forEachElement } from '../wgsl.ts'

/**
 * Writes one row of each of several matrices, one below the other, that are kept from call to call; the others stay. No
 * gradient.
 * @param target float32 [B * N, D], in place
 * @param values [B, D]
 * @param row int32 [1], from 0 to N - 1
 * @throws ShapeError
 */
export function putRow(target: Variable, values: Tensor2D, row: Tensor1D): void {
  const [rows, width] = target.shape as [number, number]
  checkTensor('putRow values', values, [null, width])
  checkTensor('putRow row', row, [1], 'int32')
  const count = values.shape[0]
  const height = rows / count
  if (!Number.isInteger(height))
    throw new ShapeError(`putRow values: must be a row of each matrix of ${rows} rows, got ${count}`, {
      code: 'shape',
    })
  const backend = fusedBackend('putRow', target)
  if (backend === null) {
    putRowTwin(target, values, row)
    return
  }
  backend.dispatch({
    key: `putRow ${count} ${height} ${width}`,
    wgsl: () =>
      bindings({ kept: 'f32' }, { values: 'f32', row: 'i32' }) +
      constants({ SIZE: count * width, HEIGHT: height, WIDTH: width }) +
      'fn each(i: u32) { kept[(i / WIDTH * HEIGHT + u32(row[0])) * WIDTH + i % WIDTH] = values[i]; }\n' +
      forEachElement('SIZE'),
    writes: [target],
    reads: [values, row],
    grid: elementGrid(backend, count * width),
  })
  backend.forgetHostCopy(target)
}

function putRowTwin(target: Variable, values: Tensor2D, row: Tensor1D): void {
  tidy(() => {
    const [count, width] = values.shape
    const matrices: Tensor = reshape(target, [count, -1, width])
    const isRow = equal(expandDims(range(0, matrices.shape[1]!, 1, 'int32'), 1), row) // [N, 1]
    const next: Tensor2D = reshape(where(isRow, expandDims(values, 1), matrices), [-1, width])
    const backend = currentBackend()
    if (backend instanceof LabBackend) {
      // In its place: other tensors and recorded steps know its buffer.
      backend.copy(next, backend.rangeOf(target))
      backend.forgetHostCopy(target)
    } else target.assign(next)
  })
}

import { LabBackend } from '../../backend/labBackend.ts'
import {
  backend as currentBackend,
  equal,
  expandDims,
  range,
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
 * Writes one row of a matrix that is kept from call to call; the others stay. No gradient.
 * @param target float32 [N, D], in place
 * @param values [1, D]
 * @param row int32 [1], from 0 to N - 1
 * @throws ShapeError
 */
export function putRow(target: Variable, values: Tensor2D, row: Tensor1D): void {
  const [, width] = target.shape as [number, number]
  checkTensor('putRow values', values, [1, width])
  checkTensor('putRow row', row, [1], 'int32')
  const backend = fusedBackend('putRow', target)
  if (backend === null) {
    putRowTwin(target, values, row)
    return
  }
  backend.dispatch({
    key: `putRow ${width}`,
    wgsl: () =>
      bindings({ kept: 'f32' }, { values: 'f32', row: 'i32' }) +
      constants({ WIDTH: width }) +
      'fn each(i: u32) { kept[u32(row[0]) * WIDTH + i] = values[i]; }\n' +
      forEachElement('WIDTH'),
    writes: [target],
    reads: [values, row],
    grid: elementGrid(backend, width),
  })
  backend.forgetHostCopy(target)
}

function putRowTwin(target: Variable, values: Tensor2D, row: Tensor1D): void {
  tidy(() => {
    const isRow = equal(expandDims(range(0, target.shape[0]!, 1, 'int32'), 1), row)
    const next = where(isRow, values, target as Tensor)
    const backend = currentBackend()
    if (backend instanceof LabBackend) {
      // In its place: other tensors and recorded steps know its buffer.
      backend.copy(next, backend.rangeOf(target))
      backend.forgetHostCopy(target)
    } else target.assign(next)
  })
}

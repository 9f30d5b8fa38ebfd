import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { bindings, constants, elementGrid, float, forEachElement, newTensor } from '../wgsl.ts'
import rotaryBody from './rotary.wgsl?raw'
import { rotaryTable } from './rotaryTable.ts'

/** Queries and keys of [B * T, 3 * D] rotated by their positions, or back again. One dispatch. */
export function rotate(
  backend: LabBackend,
  x: Tensor,
  direction: 'forward' | 'backward',
  { seqLen, numHeads, base }: { seqLen: number; numHeads: number; base: number },
): Tensor {
  const headDim = x.shape[1]! / 3 / numHeads
  const y = newTensor(backend, x.shape)
  const table = backend.constant(`rotary ${seqLen} ${headDim} ${base}`, () =>
    rotaryTable(seqLen, headDim, base),
  )
  backend.dispatch({
    key: `rotary ${direction} ${seqLen} ${numHeads} ${headDim}`,
    wgsl: () =>
      bindings({ y: 'f32' }, { x: 'f32', table: 'vec2<f32>' }) +
      constants({
        SEQ_LEN: seqLen,
        HEADS: numHeads,
        HEAD_DIM: headDim,
        TURN: float(direction === 'forward' ? 1 : -1),
      }) +
      rotaryBody +
      forEachElement('arrayLength(&y) / 2u'),
    writes: [y],
    reads: [x, table],
    grid: elementGrid(backend, x.size / 2),
  })
  return y
}

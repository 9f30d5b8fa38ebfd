import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { rowTeam, unitParts } from '../rowTeam.ts'
import { bindings, constants, float, newTensor, units } from '../wgsl.ts'
import backwardBody from './l2Backward.wgsl?raw'
import forwardBody from './l2Forward.wgsl?raw'

/** Forward and backward 1 dispatch each. Kept: y, and one number a row. */
export function fusedL2Normalize(backend: LabBackend, x: Tensor2D, leastLength: number): Tensor2D {
  const [rows, width] = x.shape
  const { type, count, text } = units(width)
  const [value] = customGradients([x], (save) => {
    const y = newTensor<tf.Rank.R2>(backend, [rows, width])
    const scales = newTensor<tf.Rank.R1>(backend, [rows])
    const team = rowTeam(backend, { rows, units: count, count: 'arrayLength(&scales)' })
    backend.dispatch({
      key: `l2Forward ${team.key} ${width} ${leastLength}`,
      wgsl: () =>
        text +
        unitParts(type) +
        bindings({ y: type, scales: 'f32' }, { x: type }) +
        constants({ LEAST: float(leastLength) }) +
        forwardBody +
        team.text,
      writes: [y, scales],
      reads: [x],
      grid: team.grid,
    })
    save([y, scales])
    return { values: [y], gradFunc: ([dy], saved) => [backward(backend, dy!, saved)] }
  })
  return value as Tensor2D
}

function backward(backend: LabBackend, dy: Tensor, saved: readonly Tensor[]): Tensor {
  const [y, scales] = saved as [Tensor2D, Tensor]
  const [rows, width] = y.shape
  const { type, count, text } = units(width)
  const dx = newTensor<tf.Rank.R2>(backend, [rows, width])
  const team = rowTeam(backend, { rows, units: count, count: 'arrayLength(&scales)' })
  backend.dispatch({
    key: `l2Backward ${team.key} ${width}`,
    wgsl: () =>
      text + bindings({ dx: type }, { dy: type, y: type, scales: 'f32' }) + backwardBody + team.text,
    writes: [dx],
    reads: [dy, y, scales],
    grid: team.grid,
  })
  return dx
}

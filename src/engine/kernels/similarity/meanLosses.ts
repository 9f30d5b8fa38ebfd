import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { rowTeam } from '../rowTeam.ts'
import { bindings, constants, float, newTensor } from '../wgsl.ts'
import meanLossesBody from './meanLosses.wgsl?raw'

export interface Means {
  loss: Scalar
  /** Of the loss in the logarithm of the scale. */
  slope: Scalar
  /** Of the fourth number: the slope in the bias of sigmoids, else how much of what counts has its partner nearest. */
  fourth: Scalar
  /** [2]: what one row and one column count. */
  shares: Tensor1D
}

export function newMeans(backend: LabBackend, fourth: Scalar = newTensor<tf.Rank.R0>(backend, [])): Means {
  return {
    loss: newTensor<tf.Rank.R0>(backend, []),
    slope: newTensor<tf.Rank.R0>(backend, []),
    fourth,
    shares: newTensor<tf.Rank.R1>(backend, [2]),
  }
}

interface Losses {
  /** [N, 4]: loss, slope, what it counts, a fourth number */
  rows: Tensor2D
  /** [M, 4]; null without this direction */
  columns: Tensor2D | null
  /** Of each direction. */
  weight: number
}

const columnSum = `fn column_sum(lane: u32, thread: u32) -> vec4<f32> {
  var sums = vec4<f32>(0.0);
  for (var i = lane; i < arrayLength(&column_losses); i += LANES) { sums += column_losses[i]; }
  return reduce(sums, thread);
}
`
const noColumnSum = `fn column_sum(lane: u32, thread: u32) -> vec4<f32> { return vec4<f32>(0.0); }\n`

export function meanLosses(
  backend: LabBackend,
  { loss, slope, fourth, shares }: Means,
  { rows, columns, weight }: Losses,
): void {
  const team = rowTeam(backend, { rows: 1, units: rows.shape[0], count: '1u' })
  const hasColumns = columns !== null
  backend.dispatch({
    key: `meanLosses ${team.key} ${weight} ${hasColumns}`,
    wgsl: () =>
      bindings(
        { loss: 'f32', slope: 'f32', fourth: 'f32', shares: 'f32' },
        { row_losses: 'vec4<f32>', ...(hasColumns ? { column_losses: 'vec4<f32>' } : {}) },
      ) +
      constants({ WEIGHT: float(weight) }) +
      (hasColumns ? columnSum : noColumnSum) +
      meanLossesBody +
      team.text,
    writes: [loss, slope, fourth, shares],
    reads: hasColumns ? [rows, columns] : [rows],
    grid: team.grid,
  })
}

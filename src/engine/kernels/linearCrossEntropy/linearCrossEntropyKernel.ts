import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { CrossEntropyOptions } from '../crossEntropy/crossEntropy.ts'
import { keyOf, meanLoss, rowText } from '../crossEntropy/crossEntropyKernel.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { matmul } from '../matmul/matmul.ts'
import { rangeOfRows, type RowChunk, rowChunks, rowsOf } from '../rowChunks.ts'
import { rowTeam } from '../rowTeam.ts'
import { scaledSlopes } from '../scaledSlopes.ts'
import { isTapeOn } from '../../backend/tape.ts'
import { bindings, constants, newTensor, units } from '../wgsl.ts'
import scoresToGradientBody from './scoresToGradient.wgsl?raw'

interface Inputs {
  x: Tensor2D
  table: Tensor2D
  targets: Tensor1D
}

/** Gradients of the sum over rows that count. */
interface Slopes {
  x: Tensor2D
  table: Tensor2D
}

/**
 * Each chunk of rows takes 2 dispatches for its losses, and for the gradients 2 products, 1 copy and 1 sum more. Gradients
 * are made at once where they will be asked for, as the logits are gone afterwards, and scaled by 1 dispatch in the
 * backward pass.
 */
export function fusedLinearCrossEntropy(
  backend: LabBackend,
  inputs: Inputs,
  options: CrossEntropyOptions,
): Scalar {
  const isTaped = isTapeOn()
  const { x, table, targets } = inputs
  const [value] = customGradients([x, table], (save) => {
    const rowLoss = newTensor<tf.Rank.R1>(backend, [x.shape[0]])
    const slopes = isTaped ? slopesOf(backend, inputs, rowLoss, options) : null
    if (slopes === null) forEachChunk(backend, inputs, rowLoss, { options, isTaped })
    const { loss, share } = meanLoss(backend, rowLoss, targets, options)
    if (slopes !== null) save([slopes.x, slopes.table, share])
    // What is saved lives on; the rest need not wait for the end of the step.
    tf.dispose([rowLoss, share, ...(slopes === null ? [] : [slopes.x, slopes.table])])
    return {
      values: [loss],
      gradFunc: ([dy], saved) => scaled(backend, { dy: dy!, saved, table }),
    }
  })
  return value as Scalar
}

interface ChunkOptions {
  options: CrossEntropyOptions
  isTaped: boolean
  /** Given the gradient of a chunk's logits. */
  use?: (scores: Tensor2D, rows: Tensor2D, chunk: RowChunk) => void
}

/** Only one chunk's logits exist at a time. */
function forEachChunk(
  backend: LabBackend,
  { x, table, targets }: Inputs,
  rowLoss: Tensor1D,
  { options, isTaped, use }: ChunkOptions,
): void {
  for (const chunk of rowChunks(x.shape[0], table.shape[0])) {
    tf.tidy(() => {
      const rows = rowsOf(backend, x, chunk)
      const scores = matmul(backend, { a: rows, b: table, isBTransposed: true })
      turnScores(backend, {
        scores,
        targets: rowsOf(backend, targets, chunk),
        rowLoss: rowsOf(backend, rowLoss, chunk),
        options,
        isTaped,
      })
      use?.(scores, rows, chunk)
    })
    // The next chunk's logits take the place of these. A recorded step is planned so anyway.
    if (!backend.isRecording) backend.flush()
  }
}

function slopesOf(
  backend: LabBackend,
  inputs: Inputs,
  rowLoss: Tensor1D,
  options: CrossEntropyOptions,
): Slopes {
  const { x, table } = inputs
  const dx = newTensor<tf.Rank.R2>(backend, x.shape)
  let dTable: Tensor2D | null = null
  const use = (scores: Tensor2D, rows: Tensor2D, chunk: RowChunk): void => {
    const dRows = matmul(backend, { a: scores, b: table })
    backend.copy(dRows, rangeOfRows(backend, dx, chunk))
    const product = { a: scores, b: rows, isATransposed: true }
    if (dTable === null) dTable = tf.keep(matmul(backend, product))
    else matmul(backend, { ...product, epilogue: { isAdding: true }, output: dTable })
  }
  forEachChunk(backend, inputs, rowLoss, { options, isTaped: true, use })
  return { x: dx, table: dTable! }
}

interface Turn {
  /** [rows, V] */
  scores: Tensor2D
  targets: Tensor1D
  rowLoss: Tensor1D
  options: CrossEntropyOptions
  isTaped: boolean
}

function turnScores(backend: LabBackend, { scores, targets, rowLoss, options, isTaped }: Turn): void {
  const [rows, width] = scores.shape
  const { type, count } = units(width)
  const team = rowTeam(backend, { rows, units: count, count: 'arrayLength(&row_loss)' })
  backend.dispatch({
    key: `scoresToGradient ${team.key} ${width} ${keyOf(options)} ${isTaped}`,
    wgsl: () =>
      bindings({ logits: type, row_loss: 'f32' }, { targets: 'i32' }) +
      rowText(width, options) +
      constants({ IS_TAPED: isTaped }) +
      scoresToGradientBody +
      team.text,
    writes: [scores, rowLoss],
    reads: [targets],
    grid: team.grid,
  })
}

interface Scaling {
  dy: Tensor
  saved: readonly Tensor[]
  table: Tensor2D
}

function scaled(backend: LabBackend, { dy, saved, table }: Scaling): Tensor[] {
  const [xSlopes, tableSlopes, share] = saved as [Tensor2D, Tensor2D, Tensor]
  const dx = newTensor<tf.Rank.R2>(backend, xSlopes.shape)
  const dTable = gradientOutput(backend, table)
  scaledSlopes(backend, { slopes: [xSlopes, tableSlopes], outputs: [dx, dTable], factors: [share, dy] })
  return [dx, dTable]
}

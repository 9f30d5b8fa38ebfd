import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmul } from '../matmul/matmul.ts'
import { rangeOfRows, type RowChunk, rowChunks, rowsOf } from '../rowChunks.ts'
import { rowTeam } from '../rowTeam.ts'
import { bindings, constants, float, newTensor } from '../wgsl.ts'
import meanTermsBody from './meanTerms.wgsl?raw'
import rowTermsBody from './rowTerms.wgsl?raw'
import scoreGradientBody from './scoreGradient.wgsl?raw'
import scoreKindsBody from './scoreKinds.wgsl?raw'
import type { SimilarityOptions } from './similarityLoss.ts'

/**
 * Forward: 2 dispatches a chunk of rows and 1. Backward: 4, a copy and a sum a chunk. Kept for it: four numbers a row.
 */
export function fusedSimilarityLoss(
  backend: LabBackend,
  a: Tensor2D,
  b: Tensor2D,
  options: SimilarityOptions,
): Scalar {
  const { scale } = options
  const inputs = typeof scale === 'number' ? [a, b] : [a, b, scale]
  const [value] = customGradients(inputs, (save) => {
    const terms = newTensor<tf.Rank.R2>(backend, [a.shape[0], 4])
    forEachChunk(backend, a, b, (scores, _rows, chunk) =>
      overScores(backend, { scores, chunk, terms, scaling: null }, options),
    )
    const { loss, share, slope } = meanTerms(backend, terms, options.weight)
    save([a, b, terms, share, slope])
    tf.dispose([terms, share, slope])
    return {
      values: [loss],
      gradFunc: ([dy], saved) => {
        const gradients = backward(backend, dy!, saved, options)
        return typeof scale === 'number' ? gradients : [...gradients, tf.mul(saved[4]!, dy!)]
      },
    }
  })
  return value as Scalar
}

type Use = (scores: Tensor2D, rows: Tensor2D, chunk: RowChunk) => void

/** Only one chunk's similarities exist at a time. */
function forEachChunk(backend: LabBackend, a: Tensor2D, b: Tensor2D, use: Use): void {
  for (const chunk of rowChunks(a.shape[0], b.shape[0])) {
    tf.tidy(() => {
      const rows = rowsOf(backend, a, chunk)
      use(matmul(backend, { a: rows, b, isBTransposed: true }), rows, chunk)
    })
    // The next chunk takes the place of this one. A recorded step is planned so anyway.
    if (!backend.isRecording) backend.flush()
  }
}

function backward(
  backend: LabBackend,
  dy: Tensor,
  saved: readonly Tensor[],
  options: SimilarityOptions,
): Tensor[] {
  const [a, b, terms, share] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor]
  const da = newTensor<tf.Rank.R2>(backend, a.shape)
  const db = newTensor<tf.Rank.R2>(backend, b.shape)
  backend.clear(db)
  forEachChunk(backend, a, b, (scores, rows, chunk) => {
    overScores(backend, { scores, chunk, terms, scaling: [share, dy] }, options)
    const dRows = matmul(backend, { a: scores, b })
    backend.copy(dRows, rangeOfRows(backend, da, chunk))
    const epilogue = { isAdding: true }
    matmul(backend, { a: scores, b: rows, isATransposed: true, epilogue, output: db })
  })
  return [da, db]
}

interface OverScores {
  scores: Tensor2D
  chunk: RowChunk
  terms: Tensor2D
  /** share and dy: turn the scores into their gradient. null: write the terms. */
  scaling: [Tensor, Tensor] | null
}

function overScores(
  backend: LabBackend,
  { scores, chunk, terms, scaling }: OverScores,
  options: SimilarityOptions,
): void {
  const { ids, scale } = options
  const [rows, columns] = scores.shape
  const team = rowTeam(backend, { rows, units: columns, count: 'arrayLength(&terms)' })
  const some = rowsOf(backend, terms, chunk)
  const idTensors = typeof ids === 'number' ? [] : [rowsOf(backend, ids.rows, chunk), ids.columns]
  const name = scaling === null ? 'rowTerms' : 'scoreGradient'
  backend.dispatch({
    key: `${name} ${team.key} ${keyOf(columns, options)}`,
    wgsl: () => {
      const more = {
        ...(typeof ids === 'number' ? {} : { row_ids: 'i32', column_ids: 'i32' }),
        ...(typeof scale === 'number' ? {} : { log_scale: 'f32' }),
      }
      const terms = { terms: 'vec4<f32>' }
      const given =
        scaling === null
          ? bindings(terms, { scores: 'f32', ...more }, 'first_row: u32')
          : bindings({ scores: 'f32' }, { ...terms, share: 'f32', dy: 'f32', ...more }, 'first_row: u32')
      const body = scaling === null ? rowTermsBody : scoreGradientBody
      return given + optionText(columns, options) + scoreKindsBody + body + team.text
    },
    writes: [scaling === null ? some : scores],
    reads: [
      ...(scaling === null ? [scores] : [some, ...scaling]),
      ...idTensors,
      ...(typeof scale === 'number' ? [] : [scale]),
    ],
    uniforms: Uint32Array.of(chunk.first, 0, 0, 0).buffer,
    grid: team.grid,
  })
}

function keyOf(columns: number, { ids, scale, ...rest }: SimilarityOptions): string {
  const { excludesSelf, extraNegatives, hasBatchNegatives } = rest
  const kinds = [excludesSelf, extraNegatives, hasBatchNegatives].join(' ')
  return `${columns} ${typeof ids === 'number' ? ids : 'ids'} ${typeof scale === 'number' ? scale : 'learned'} ${kinds}`
}

function optionText(columns: number, { ids, scale, ...rest }: SimilarityOptions): string {
  const isSame =
    typeof ids === 'number'
      ? `(row + u.first_row) % ${ids}u == column % ${ids}u`
      : 'row_ids[row] == column_ids[column]'
  return (
    constants({
      COLUMNS: columns,
      EXTRA: rest.extraNegatives,
      EXCLUDES_SELF: rest.excludesSelf,
      HAS_BATCH_NEGATIVES: rest.hasBatchNegatives,
    }) +
    `fn same_id(row: u32, column: u32) -> bool { return ${isSame}; }\n` +
    `fn scale() -> f32 { return ${typeof scale === 'number' ? float(scale) : 'exp(log_scale[0])'}; }\n`
  )
}

function meanTerms(
  backend: LabBackend,
  terms: Tensor2D,
  weight: number,
): { loss: Scalar; share: Scalar; slope: Scalar } {
  const [loss, share, slope] = [0, 1, 2].map(() => newTensor<tf.Rank.R0>(backend, [])) as [
    Scalar,
    Scalar,
    Scalar,
  ]
  const team = rowTeam(backend, { rows: 1, units: terms.shape[0], count: '1u' })
  backend.dispatch({
    key: `meanTerms ${team.key} ${weight}`,
    wgsl: () =>
      bindings({ loss: 'f32', share: 'f32', slope: 'f32' }, { terms: 'vec4<f32>' }) +
      constants({ WEIGHT: float(weight) }) +
      meanTermsBody +
      team.text,
    writes: [loss, share, slope],
    reads: [terms],
    grid: team.grid,
  })
  return { loss, share, slope }
}

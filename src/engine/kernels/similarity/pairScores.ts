import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmul } from '../matmul/matmul.ts'
import { type RowChunk, rowChunks, rowsOf } from '../rowChunks.ts'
import { constants, float, newTensor } from '../wgsl.ts'
import type { PairOptions, SimilarityIds } from './pairOptions.ts'
import scoreKindsBody from './scoreKinds.wgsl?raw'

/** a · bᵀ of some rows, and those rows of a. */
export type UseScores = (scores: Tensor2D, rows: Tensor2D, chunk: RowChunk) => void

/** Only one chunk's similarities exist at a time. */
export function forEachChunk(backend: LabBackend, a: Tensor2D, b: Tensor2D, use: UseScores): void {
  for (const chunk of rowChunks(a.shape[0], b.shape[0])) {
    tf.tidy(() => {
      const rows = rowsOf(backend, a, chunk)
      use(matmul(backend, { a: rows, b, isBTransposed: true }), rows, chunk)
    })
    // The next chunk takes the place of this one. A recorded step is planned so anyway.
    if (!backend.isRecording) backend.flush()
  }
}

/** Gradients of the two sides; null where one is not asked for. */
export interface SideSlopes {
  a: Tensor2D
  b: Tensor2D | null
}

export function newSlopes(backend: LabBackend, a: Tensor2D, b: Tensor2D | null): SideSlopes {
  return {
    a: newTensor<tf.Rank.R2>(backend, a.shape),
    b: b === null ? null : newTensor<tf.Rank.R2>(backend, b.shape),
  }
}

/** From a chunk's gradient of a · bᵀ, chunk after chunk. */
export function addSlopes(
  backend: LabBackend,
  slopes: SideSlopes,
  b: Tensor2D,
  [gradient, rows, chunk]: Parameters<UseScores>,
): void {
  matmul(backend, { a: gradient, b, output: rowsOf(backend, slopes.a, chunk) })
  if (slopes.b === null) return
  const epilogue = { isAdding: chunk.first > 0 }
  matmul(backend, { a: gradient, b: rows, isATransposed: true, epilogue, output: slopes.b })
}

/** What programs over similarities read besides them, and the text that says what a pair is. */
export interface PairPart {
  key: string
  bindings: Record<string, string>
  tensors: readonly Tensor[]
  text: string
}

/** Names of what a pair can be, for WGSL. */
export const kindNames = constants({ NEITHER: 0, POSITIVE: 1, NEGATIVE: 2 })

/** `kind_of(row, column)` and `scale()` of a chunk; uniform `first_row: u32`. */
export function pairPart(
  backend: LabBackend,
  columns: number,
  chunk: RowChunk,
  { ids, excludesSelf, extraNegatives, areExtraIdsSeen, hasBatchNegatives, scale }: PairOptions,
): PairPart {
  const same = sameId(ids)
  const isLeftOut = areExtraIdsSeen ? 'column_ids[column] < 0 || same_id(row, column)' : 'false'
  const learned = learnedNumber('scale', 'log_scale', scale, 'exp(log_scale[0])')
  const idTensors = typeof ids === 'number' ? [] : [rowsOf(backend, ids.rows, chunk), ids.columns]
  return {
    key: `${columns} ${same} ${learned.key} ${excludesSelf} ${extraNegatives} ${areExtraIdsSeen} ${hasBatchNegatives}`,
    bindings: {
      ...(typeof ids === 'number' ? {} : { row_ids: 'i32', column_ids: 'i32' }),
      ...learned.bindings,
    },
    tensors: [...idTensors, ...learned.tensors],
    text:
      kindNames +
      constants({
        COLUMNS: columns,
        EXTRA: extraNegatives,
        EXCLUDES_SELF: excludesSelf,
        HAS_BATCH_NEGATIVES: hasBatchNegatives,
      }) +
      `fn same_id(row: u32, column: u32) -> bool { return ${same}; }\n` +
      `fn is_left_out(row: u32, column: u32) -> bool { return ${isLeftOut}; }\n` +
      learned.text +
      scoreKindsBody,
  }
}

/** WGSL for whether a row and a column belong together. */
function sameId(ids: SimilarityIds): string {
  if (typeof ids === 'number') return `(row + u.first_row) % ${ids}u == column % ${ids}u`
  const words = ids.rows.shape[1]
  if (words === undefined) return 'row_ids[row] == column_ids[column]'
  const shared = Array.from(
    { length: words },
    (_, w) => `(row_ids[${words}u * row + ${w}u] & column_ids[${words}u * column + ${w}u]) != 0`,
  )
  return shared.join(' || ')
}

/** WGSL function `name()`: a constant, or the expression over a tensor that is bound as `bound`. */
export function learnedNumber(
  name: string,
  bound: string,
  value: number | Scalar,
  expression: string,
): PairPart {
  const isFixed = typeof value === 'number'
  return {
    key: isFixed ? String(value) : 'learned',
    bindings: isFixed ? {} : { [bound]: 'f32' },
    tensors: isFixed ? [] : [value],
    text: `fn ${name}() -> f32 { return ${isFixed ? float(value) : expression}; }\n`,
  }
}

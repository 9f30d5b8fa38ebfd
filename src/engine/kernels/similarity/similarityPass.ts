import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D, Tensor3D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { type RowChunk, rowChunks, rowsOf } from '../rowChunks.ts'
import { rowTeam } from '../rowTeam.ts'
import { bindings, constants, elementGrid, float, forEachElement, newTensor, workgroupSize } from '../wgsl.ts'
import columnSumsBody from './columnSums.wgsl?raw'
import columnTermsBody from './columnTerms.wgsl?raw'
import logSumsBody from './logSums.wgsl?raw'
import lossTermsBody from './lossTerms.wgsl?raw'
import type { Means } from './meanLosses.ts'
import { kindNames, pairPart } from './pairScores.ts'
import rowTermsBody from './rowTerms.wgsl?raw'
import scoreGradientBody from './scoreGradient.wgsl?raw'
import type { SimilarityOptions } from './similarityLoss.ts'

/** Rows of a chunk of which one thread takes a column. */
const blockRows = 128

/** `self`: rows and columns are the same, so that the gradient of both sides is one product. */
export type Mode = 'rows' | 'both' | 'self'

/** What is known of each row, or of each column. */
interface Terms {
  /** [N, 8], for gradients */
  terms: Tensor2D
  /** [N, 4] */
  losses: Tensor2D
}

export interface Pass {
  backend: LabBackend
  a: Tensor2D
  b: Tensor2D
  options: SimilarityOptions
  mode: Mode
  rows: Terms
  /** Only in the mode `both`, as their sums over blocks of rows. */
  columns: Terms | null
  columnSums: Tensor3D | null
  means: Means
  /** Whether gradients are made after the means: otherwise rows are still to come. */
  isShared: boolean
}

export function newTerms(backend: LabBackend, count: number): Terms {
  return {
    terms: newTensor<tf.Rank.R2>(backend, [count, 8]),
    losses: newTensor<tf.Rank.R2>(backend, [count, 4]),
  }
}

function blocksIn(chunks: readonly RowChunk[]): number {
  return chunks.reduce((sum, { count }) => sum + Math.ceil(count / blockRows), 0)
}

/** [blocks of all chunks, M, 12] */
export function newColumnSums(backend: LabBackend, a: Tensor2D, b: Tensor2D): Tensor3D {
  const blocks = blocksIn(rowChunks(a.shape[0], b.shape[0]))
  return newTensor<tf.Rank.R3>(backend, [blocks, b.shape[0], 12])
}

function lossKey({ denominator, mean, hardness, positivePrior }: SimilarityOptions): string {
  return `${denominator} ${mean} ${hardness} ${positivePrior}`
}

function lossText({ denominator, mean, hardness, positivePrior }: SimilarityOptions): string {
  return (
    constants({ ALL: 0, OWN: 1, NONE: 2 }) +
    constants({
      DENOMINATOR: denominator.toUpperCase(),
      COUNTS_PAIRS: mean === 'pairs',
      HARDNESS: float(hardness),
      PRIOR: float(positivePrior),
    }) +
    logSumsBody +
    lossTermsBody
  )
}

export function takeRows({ backend, options, rows: all }: Pass, scores: Tensor2D, chunk: RowChunk): void {
  const [rows, columns] = scores.shape
  const team = rowTeam(backend, { rows, units: columns, count: 'arrayLength(&losses)' })
  const pairs = pairPart(backend, columns, chunk, options)
  const weights = options.positiveWeights
  backend.dispatch({
    key: `rowTerms ${team.key} ${pairs.key} ${lossKey(options)} ${weights !== null}`,
    wgsl: () =>
      bindings(
        { terms_kept: 'vec4<f32>', losses: 'vec4<f32>' },
        { scores: 'f32', ...pairs.bindings, ...(weights === null ? {} : { weights: 'f32' }) },
        'first_row: u32',
      ) +
      pairs.text +
      lossText(options) +
      `fn weight_of(row: u32) -> f32 { return ${weights === null ? '1.0' : 'weights[row]'}; }\n` +
      rowTermsBody +
      team.text,
    writes: [rowsOf(backend, all.terms, chunk), rowsOf(backend, all.losses, chunk)],
    reads: [scores, ...pairs.tensors, ...(weights === null ? [] : [rowsOf(backend, weights, chunk)])],
    uniforms: firstRow(chunk),
    grid: team.grid,
  })
}

function firstRow({ first }: RowChunk): ArrayBuffer {
  return Uint32Array.of(first, 0, 0, 0).buffer
}

/** Nothing in other modes than `both`. */
export function takeColumns(
  { backend, a, options, columnSums }: Pass,
  scores: Tensor2D,
  chunk: RowChunk,
): void {
  if (columnSums === null) return
  const [rows, columns] = scores.shape
  const pairs = pairPart(backend, columns, chunk, options)
  const before = rowChunks(a.shape[0], columns).filter(({ first }) => first < chunk.first)
  backend.dispatch({
    key: `columnSums ${rows} ${pairs.key} ${lossKey(options)}`,
    wgsl: () =>
      bindings(
        { kept: 'vec4<f32>' },
        { scores: 'f32', ...pairs.bindings },
        'first_row: u32, first_block: u32',
      ) +
      constants({ ROWS: rows, BLOCK: blockRows, THREADS: workgroupSize }) +
      pairs.text +
      lossText(options) +
      columnSumsBody,
    writes: [columnSums],
    reads: [scores, ...pairs.tensors],
    uniforms: Uint32Array.of(chunk.first, blocksIn(before), 0, 0).buffer,
    grid: [Math.ceil(columns / workgroupSize), blocksIn([chunk]), 1],
  })
}

/** After the last chunk; nothing in other modes than `both`. */
export function columnTerms({ backend, options, columns, columnSums }: Pass): void {
  if (columns === null || columnSums === null) return
  const count = columns.losses.shape[0]
  const blocks = columnSums.shape[0]
  backend.dispatch({
    key: `columnTerms ${count} ${blocks} ${lossKey(options)}`,
    wgsl: () =>
      bindings({ terms_kept: 'vec4<f32>', losses: 'vec4<f32>' }, { kept: 'vec4<f32>' }) +
      constants({ COLUMNS: count, BLOCKS: blocks }) +
      kindNames +
      lossText(options) +
      columnTermsBody +
      forEachElement('COLUMNS'),
    writes: [columns.terms, columns.losses],
    reads: [columnSums],
    grid: elementGrid(backend, count),
  })
}

/** What a column adds to the gradient of a score. */
const ofColumn = `fn of_column(column: u32, score: f32, kind: u32, factor: f32) -> f32 {
  let terms = terms_of(column_terms[2u * column], column_terms[2u * column + 1u]);
  return column_share() * score_slope(score, kind, terms, factor);
}
`
const ofNoColumn = 'fn of_column(column: u32, score: f32, kind: u32, factor: f32) -> f32 { return 0.0; }\n'

export function scoresToGradient(pass: Pass, scores: Tensor2D, chunk: RowChunk): void {
  const { backend, options, mode, rows, columns, isShared } = pass
  const pairs = pairPart(backend, scores.shape[1], chunk, options)
  const ofColumns: Tensor[] = mode === 'rows' ? [] : [(columns ?? rows).terms]
  const share = (index: number): string => (isShared ? `shares[${index}]` : '1.0')
  backend.dispatch({
    key: `scoreGradient ${pairs.key} ${lossKey(options)} ${mode} ${isShared}`,
    wgsl: () =>
      bindings(
        { scores: 'f32' },
        {
          row_terms: 'vec4<f32>',
          ...(mode === 'rows' ? {} : { column_terms: 'vec4<f32>' }),
          ...(isShared ? { shares: 'f32' } : {}),
          ...pairs.bindings,
        },
        'first_row: u32',
      ) +
      pairs.text +
      lossText(options) +
      `fn row_share() -> f32 { return ${share(0)}; }\n` +
      `fn column_share() -> f32 { return ${share(mode === 'both' ? 1 : 0)}; }\n` +
      (mode === 'rows' ? ofNoColumn : ofColumn) +
      scoreGradientBody +
      forEachElement('arrayLength(&scores)'),
    writes: [scores],
    reads: [
      rowsOf(backend, rows.terms, chunk),
      ...ofColumns,
      ...(isShared ? [pass.means.shares] : []),
      ...pairs.tensors,
    ],
    uniforms: firstRow(chunk),
    grid: elementGrid(backend, scores.size),
  })
}

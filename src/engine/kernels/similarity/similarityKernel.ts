import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { rowChunks } from '../rowChunks.ts'
import { scaledSlopes } from '../scaledSlopes.ts'
import { isTapeOn } from '../../backend/tape.ts'
import { newTensor } from '../wgsl.ts'
import { meanLosses, newMeans } from './meanLosses.ts'
import { addSlopes, forEachChunk, newSlopes, type SideSlopes } from './pairScores.ts'
import type { Contrast, SimilarityOptions } from './similarityLoss.ts'
import {
  columnTerms,
  newColumnSums,
  newTerms,
  scoresToGradient,
  takeColumns,
  takeRows,
  type Mode,
  type Pass,
} from './similarityPass.ts'

/**
 * Dispatches, with gradients: for each chunk 1 product, 1 of terms, 1 of the scores' gradient, 2 products (1 where a is b);
 * 1 of means, 1 of scaling; columns take 1 a chunk and 1 more. Gradients are made at once where they will be asked for,
 * while the similarities are there; those of several chunks are made twice where rows and columns go together.
 */
export function fusedSimilarityLoss(
  backend: LabBackend,
  a: Tensor2D,
  b: Tensor2D,
  options: SimilarityOptions,
): Contrast {
  const isTaped = isTapeOn()
  const { scale, areColumnsFixed } = options
  const mode = modeOf(a, b, options)
  const hasColumns = mode !== 'self' && !areColumnsFixed
  const sides = hasColumns ? [a, b] : [a]
  // Made where loss and gradients are, and no value of theirs: it has no gradient.
  const found = newTensor<tf.Rank.R0>(backend, [])
  const [value] = customGradients(typeof scale === 'number' ? sides : [...sides, scale], (save) => {
    const pass = newPass(backend, { a, b, options, mode }, found)
    const slopes = isTaped ? newSlopes(backend, a, hasColumns ? b : null) : null
    run(pass, slopes)
    const { loss, slope, shares } = pass.means
    const kept = slopes === null ? [] : [slope, shares, slopes.a, ...(slopes.b ? [slopes.b] : [])]
    save(kept)
    // What is saved lives on; the rest need not wait for the end of the step.
    const spent = [pass.rows, pass.columns].flatMap((side) =>
      side === null ? [] : [side.terms, side.losses],
    )
    tf.dispose([slope, shares, ...kept, ...spent])
    pass.columnSums?.dispose()
    return {
      values: [loss],
      gradFunc: ([dy], saved) => {
        const [savedSlope, savedShares, ...made] = saved as [Tensor, Tensor, ...Tensor2D[]]
        const outputs = made.map(({ shape }) => newTensor<tf.Rank.R2>(backend, shape))
        const factors = pass.isShared ? [dy!] : [savedShares, dy!]
        scaledSlopes(backend, { slopes: made, outputs, factors })
        return typeof scale === 'number' ? outputs : [...outputs, tf.mul(savedSlope, dy!)]
      },
    }
  })
  return { loss: value as Scalar, accuracy: options.weight === 1 ? found : tf.div(found, options.weight) }
}

function modeOf(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Mode {
  const { ids, extraNegatives, areColumnsFixed, directions } = options
  const isSame = typeof ids === 'number' || ids.rows === ids.columns
  return a === b && isSame && extraNegatives === 0 && !areColumnsFixed ? 'self' : directions
}

/** @param found takes how much of what counts has its partner nearest */
function newPass(
  backend: LabBackend,
  given: Pick<Pass, 'a' | 'b' | 'options' | 'mode'>,
  found: Scalar,
): Pass {
  const { a, b, mode } = given
  const isBoth = mode === 'both'
  return {
    ...given,
    backend,
    rows: newTerms(backend, a.shape[0]),
    columns: isBoth ? newTerms(backend, b.shape[0]) : null,
    columnSums: isBoth ? newColumnSums(backend, a, b) : null,
    means: newMeans(backend, found),
    isShared: mode !== 'rows' || rowChunks(a.shape[0], b.shape[0]).length === 1,
  }
}

/** @param slopes null: only the loss */
function run(pass: Pass, slopes: SideSlopes | null): void {
  const { backend, a, b, isShared } = pass
  const isOneChunk = rowChunks(a.shape[0], b.shape[0]).length === 1
  const isMadeOnce = isOneChunk || !isShared
  forEachChunk(backend, a, b, (scores, rows, chunk) => {
    takeRows(pass, scores, chunk)
    takeColumns(pass, scores, chunk)
    if (isOneChunk) join(pass)
    if (slopes === null || !isMadeOnce) return
    scoresToGradient(pass, scores, chunk)
    addSlopes(backend, slopes, b, [scores, rows, chunk])
  })
  if (!isOneChunk) join(pass)
  if (slopes === null || isMadeOnce) return
  forEachChunk(backend, a, b, (scores, rows, chunk) => {
    scoresToGradient(pass, scores, chunk)
    addSlopes(backend, slopes, b, [scores, rows, chunk])
  })
}

/** After the last chunk. */
function join(pass: Pass): void {
  const { backend, mode, rows, columns, means, options } = pass
  columnTerms(pass)
  const weight = mode === 'both' ? options.weight / 2 : options.weight
  meanLosses(backend, means, { rows: rows.losses, columns: columns?.losses ?? null, weight })
}

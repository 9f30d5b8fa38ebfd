import { ShapeError } from '../../../core/errors.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { oneHot } from '../oneHot.ts'
import { checkTensor } from '../shapes.ts'
import { fusedLookUp, type Lookup } from './embeddingKernel.ts'

/**
 * Rows of a table. The gradient adds up every occurrence of an id in a fixed order, without atomics: tfjs's own
 * gradient adds floats in a racing order on WebGPU.
 * @param table [V, D]
 * @param ids int32 [N], each in 0..V-1
 * @returns [N, D]
 * @throws ShapeError
 */
export function embedding(table: Tensor2D, ids: Tensor1D): Tensor2D {
  return tokenAndPositionEmbedding(table, null, ids, ids.size)
}

/**
 * Token vectors plus, where there is a table of them, position vectors: table[ids[n]] + positions[n % seqLen].
 * @param table [V, D]
 * @param positions [P, D] with P at least `seqLen`, or null
 * @param ids int32 [B*T], each in 0..V-1
 * @param seqLen T
 * @returns [B*T, D]
 * @throws ShapeError
 */
export function tokenAndPositionEmbedding(
  table: Tensor2D,
  positions: Tensor2D | null,
  ids: Tensor1D,
  seqLen: number,
): Tensor2D {
  checkTensor('embedding table', table, [null, null])
  checkTensor('embedding ids', ids, [null], 'int32')
  if (positions) {
    checkTensor('embedding positions', positions, [null, table.shape[1]])
    checkLength(positions, seqLen)
  }
  const backend = fusedBackend('embedding', table, ids)
  const lookup = { table, positions, ids, seqLen }
  return backend === null ? lookUpTwin(lookup) : fusedLookUp(backend, lookup)
}

function checkLength(positions: Tensor2D, seqLen: number): void {
  if (seqLen >= 1 && seqLen <= positions.shape[0]) return
  throw new ShapeError(
    `embedding: seqLen must be between 1 and the ${positions.shape[0]} rows of positions, got ${seqLen}`,
    { code: 'sequence-length', remedy: 'Shorten the sequences, or make the table of positions longer.' },
  )
}

function lookUpTwin({ table, positions, ids, seqLen }: Lookup): Tensor2D {
  return tf.tidy(() => {
    const byToken = gatherRows(table, ids)
    if (positions === null) return byToken
    const places = Int32Array.from({ length: ids.size }, (_, n) => n % seqLen)
    return tf.add<Tensor2D>(byToken, gatherRows(positions, tf.tensor1d(places, 'int32')))
  })
}

/** With a gradient that is a product with one-hot rows. */
function gatherRows(table: Tensor2D, ids: Tensor1D): Tensor2D {
  const vocabSize = table.shape[0]
  return tf.customGrad((tableIn, saver) => {
    const save = saver as tf.GradSaveFunc
    save([ids])
    const gradFunc = (dy: Tensor, [savedIds]: Tensor[]): Tensor =>
      tf.tidy(() => tf.matMul(oneHot(savedIds as Tensor1D, vocabSize), dy as Tensor2D, true, false))
    return { value: tf.gather(tableIn as Tensor2D, ids), gradFunc }
  })(table)
}

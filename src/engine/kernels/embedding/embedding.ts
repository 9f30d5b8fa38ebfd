import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { oneHot } from '../oneHot.ts'
import { checkTensor } from '../shapes.ts'
import { fusedTableGradient } from './embeddingKernel.ts'

/**
 * Rows of a table. The gradient adds up every occurrence of an id in ascending position, without atomics: tfjs's own
 * gradient adds floats in a racing order on WebGPU.
 * @param table [V, D]
 * @param ids int32 [N], each in 0..V-1
 * @returns [N, D]
 * @throws ShapeError
 */
export function embedding(table: Tensor2D, ids: Tensor1D): Tensor2D {
  checkTensor('embedding table', table, [null, null])
  checkTensor('embedding ids', ids, [null], 'int32')
  return lookUp(table, ids, (dy, savedIds, vocabSize) => {
    const backend = fusedBackend(dy, savedIds)
    return backend === null
      ? hotProduct(dy, savedIds, vocabSize)
      : fusedTableGradient(backend, dy, savedIds, vocabSize)
  })
}

export function embeddingTwin(table: Tensor2D, ids: Tensor1D): Tensor2D {
  return lookUp(table, ids, hotProduct)
}

type TableGradient = (dy: Tensor, ids: Tensor1D, vocabSize: number) => Tensor

function lookUp(table: Tensor2D, ids: Tensor1D, tableGradient: TableGradient): Tensor2D {
  const vocabSize = table.shape[0]
  return tf.customGrad((tableIn, saver) => {
    const save = saver as tf.GradSaveFunc
    save([ids])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
      tableGradient(dy, saved[0] as Tensor1D, vocabSize)
    return { value: tf.gather(tableIn as Tensor2D, ids), gradFunc }
  })(table)
}

function hotProduct(dy: Tensor, ids: Tensor1D, vocabSize: number): Tensor {
  return tf.tidy(() => tf.matMul(oneHot(ids, vocabSize), dy as Tensor2D, true, false))
}

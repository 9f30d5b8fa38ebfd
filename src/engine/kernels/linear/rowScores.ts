import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmul, softwareBackend } from '../matmul/matmul.ts'
import { checkTensor } from '../shapes.ts'

/**
 * x · tableᵀ: what each row of a table scores, as in the head of a language model.
 * @param x [N, D]
 * @param table [V, D]
 * @returns [N, V]
 * @throws ShapeError
 */
export function rowScores(x: Tensor2D, table: Tensor2D): Tensor2D {
  checkTensor('rowScores x', x, [null, null])
  checkTensor('rowScores table', table, [null, x.shape[1]])
  if (softwareBackend(x, table) === null) return rowScoresTwin(x, table)
  return tf.customGrad((xIn, tableIn, saver) => {
    const save = saver as tf.GradSaveFunc
    save([x, table])
    const gradFunc = (dyIn: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedTable] = saved as [Tensor2D, Tensor2D]
      const dy = dyIn as Tensor2D
      return [
        matmul(dy, savedTable, { isATransposed: false, isBTransposed: false }),
        matmul(dy, savedX, { isATransposed: true, isBTransposed: false }),
      ]
    }
    const value = matmul(xIn as Tensor2D, tableIn as Tensor2D, { isATransposed: false, isBTransposed: true })
    return { value, gradFunc }
  })(x, table) as Tensor2D
}

export function rowScoresTwin(x: Tensor2D, table: Tensor2D): Tensor2D {
  return tf.matMul(x, table, false, true)
}

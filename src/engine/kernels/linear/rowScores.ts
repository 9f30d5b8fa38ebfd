import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { matmul } from '../matmul/matmul.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'

/**
 * x · tableᵀ: what each row of a table scores, as in the head of a language model.
 * Scores are f32 however x is stored.
 * @param x [N, D]
 * @param table [V, D]
 * @returns [N, V]
 * @throws ShapeError
 */
export function rowScores(x: Tensor2D, table: Tensor2D): Tensor2D {
  checkTensor('rowScores x', x, [null, null])
  checkTensor('rowScores table', table, [null, x.shape[1]])
  const backend = fusedBackend('linear', x, table)
  if (backend === null) return rowScoresTwin(x, table)
  return tf.customGrad((xIn, tableIn, saver) => {
    const save = saver as tf.GradSaveFunc
    const [a, b] = [xIn as Tensor2D, tableIn as Tensor2D]
    save([a, b])
    const gradFunc = (dyIn: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedTable] = saved as [Tensor2D, Tensor2D]
      const dy = dyIn as Tensor2D
      const output = gradientOutput(backend, table)
      return [
        matmul(backend, { a: dy, b: savedTable }),
        matmul(backend, { a: dy, b: savedX, isATransposed: true, output }),
      ]
    }
    return { value: matmul(backend, { a, b, isBTransposed: true }), gradFunc }
  })(x, table) as Tensor2D
}

export function rowScoresTwin(x: Tensor2D, table: Tensor2D): Tensor2D {
  return tf.matMul(x, table, false, true)
}

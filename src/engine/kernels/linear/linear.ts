import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { columnSum } from './columnSum.ts'

/**
 * x · weight + bias. The products are tfjs's, with the bias in the same dispatch; its gradient is a column sum in a fixed order.
 * @param x [N, in]
 * @param weight [in, out]
 * @param bias [out] or null
 * @returns [N, out]
 * @throws ShapeError
 */
export function linear(x: Tensor2D, weight: Tensor2D, bias: Tensor1D | null): Tensor2D {
  checkTensor('linear x', x, [null, null])
  checkTensor('linear weight', weight, [x.shape[1], null])
  if (bias) checkTensor('linear bias', bias, [weight.shape[1]])
  if (bias === null || fusedBackend(x, weight) === null) return linearTwin(x, weight, bias)
  return tf.customGrad((...args) => {
    const save = args[3] as tf.GradSaveFunc
    save([x, weight])
    const gradFunc = (dyIn: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedWeight] = saved as [Tensor2D, Tensor2D]
      const dy = dyIn as Tensor2D
      return [tf.matMul(dy, savedWeight, false, true), tf.matMul(savedX, dy, true, false), columnSum(dy)]
    }
    return { value: tf.fused.matMul({ a: x, b: weight, bias }), gradFunc }
  })(x, weight, bias) as Tensor2D
}

export function linearTwin(x: Tensor2D, weight: Tensor2D, bias: Tensor1D | null): Tensor2D {
  return tf.tidy(() => {
    const y: Tensor2D = tf.matMul(x, weight)
    return bias ? tf.add<Tensor2D>(y, bias) : y
  })
}

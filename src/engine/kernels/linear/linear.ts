import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmul, softwareBackend } from '../matmul/matmul.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { columnSum } from './columnSum.ts'

/**
 * x · weight + bias, with the bias in the product's dispatch; its gradient is a column sum in a fixed order.
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
  const isFused = bias === null ? softwareBackend(x, weight) !== null : fusedBackend(x, weight) !== null
  return isFused ? fusedLinear(x, weight, bias) : linearTwin(x, weight, bias)
}

export function linearTwin(x: Tensor2D, weight: Tensor2D, bias: Tensor1D | null): Tensor2D {
  return tf.tidy(() => {
    const y: Tensor2D = tf.matMul(x, weight)
    return bias ? tf.add<Tensor2D>(y, bias) : y
  })
}

function fusedLinear(x: Tensor2D, weight: Tensor2D, bias: Tensor1D | null): Tensor2D {
  const inputs: Tensor[] = bias ? [x, weight, bias] : [x, weight]
  return tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc
    save([x, weight])
    const gradFunc = (dyIn: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedWeight] = saved as [Tensor2D, Tensor2D]
      const dy = dyIn as Tensor2D
      const dx = matmul(dy, savedWeight, { isATransposed: false, isBTransposed: true })
      const dWeight = matmul(savedX, dy, { isATransposed: true, isBTransposed: false })
      return bias ? [dx, dWeight, columnSum(dy)] : [dx, dWeight]
    }
    return { value: matmul(x, weight, { isATransposed: false, isBTransposed: false }, bias), gradFunc }
  })(...inputs) as Tensor2D
}

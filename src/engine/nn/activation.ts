import type { Tensor } from '../backend/tfjs.ts'
import * as tf from '../backend/tfjs.ts'
import { gelu, quickGelu, relu, reluSquared, silu } from '../kernels/activations/activations.ts'

/** x * relu6(x + 3) / 6 (Howard et al. 2019). Own gradient: at the corners -3 and 3 it is that of the middle piece. */
function hardSwish(x: Tensor): Tensor {
  return tf.customGrad((input, save) => {
    const x = input as Tensor
    ;(save as tf.GradSaveFunc)([x])
    const gradFunc = (dy: Tensor, [saved]: Tensor[]): Tensor => {
      const middle = tf.add(tf.div(saved!, 3), 0.5)
      const outer = tf.cast(tf.greaterEqual(saved!, 3), 'float32')
      const isMiddle = tf.less(tf.abs(saved!), 3)
      return tf.mul(dy, tf.where(isMiddle, middle, outer))
    }
    return { value: tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6), gradFunc }
  })(x)
}

/** Bends by name, element by element, any shape. */
export const activations = {
  'gelu-exact': (x: Tensor) => gelu(x, 'exact'),
  'gelu-tanh': (x: Tensor) => gelu(x, 'tanh'),
  /** x * sigmoid(1.702 x), as CLIP. */
  'quick-gelu': (x: Tensor) => quickGelu(x),
  silu: (x: Tensor) => silu(x),
  relu: (x: Tensor) => relu(x),
  'relu-squared': (x: Tensor) => reluSquared(x),
  tanh: (x: Tensor) => tf.tanh(x),
  sigmoid: (x: Tensor) => tf.sigmoid(x),
  /** x * tanh(ln(1 + e^x)) (Misra 2019) */
  mish: (x: Tensor) => tf.mul(x, tf.tanh(tf.softplus(x))),
  /** x, below 0 e^x - 1 (Clevert et al. 2016) */
  elu: (x: Tensor) => tf.elu(x),
  /** x, below 0 x / 100 */
  'leaky-relu': (x: Tensor) => tf.leakyRelu(x, 0.01),
  'hard-swish': hardSwish,
  /** ln(1 + e^x) */
  softplus: (x: Tensor) => tf.softplus(x),
} as const

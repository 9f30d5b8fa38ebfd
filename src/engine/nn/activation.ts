import type { Tensor } from '../backend/tfjs.ts'
import * as tf from '../backend/tfjs.ts'
import { gelu, quickGelu, silu } from '../kernels/activations/activations.ts'

/** x * relu6(x + 3) / 6 (Howard et al. 2019). Own gradient: at the corners -3 and 3 it is that of the middle piece. */
function hardSwish(x: Tensor): Tensor {
  return tf.customGrad((input, save) => {
    const x = input as Tensor
    ;(save as tf.GradSaveFunc)([x])
    const gradFunc = (dy: Tensor, [saved]: Tensor[]): Tensor => {
      const middle = tf.add(tf.div(saved!, 3), 0.5)
      const outer = tf.cast(tf.greater(saved!, 3), 'float32')
      const isMiddle = tf.lessEqual(tf.abs(saved!), 3)
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
  'hard-swish': hardSwish,
  /** ln(1 + e^x) */
  softplus: (x: Tensor) => tf.softplus(x),
} as const

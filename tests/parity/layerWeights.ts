import * as tf from '../../src/engine/backend/tfjs.ts'
import type { Weights } from '../../src/engine/nn/parameter.ts'
import type { LayerInputs } from './layerCase.ts'

/**
 * Inputs of a case as weights of a layer: PyTorch's matrices are [out, in], ours [in, out]. `nameOf` turns our name into
 * the file's.
 */
export function weightsFrom(inputs: LayerInputs, nameOf: (name: string) => string): Weights {
  return {
    get(name) {
      const theirs = nameOf(name)
      if (!inputs.has(theirs)) return undefined
      const tensor = inputs.get(theirs)
      return tensor.rank === 2 ? tf.transpose(tensor) : tensor
    },
  }
}

/** x [..., D] as [N, D]. */
export function rowsOf(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape.at(-1)!])
}

import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedActivationGradient } from '../activations/activationKernel.ts'
import { checkRate, dropout as drop, type DropoutOptions } from '../dropout/dropout.ts'
import { bend, plus } from '../matmul/epilogue.ts'
import { matmul } from '../matmul/matmul.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { newStored } from '../wgsl.ts'
import { type Bend, bendNames, bendTwins } from './bends.ts'
import { inputGradient, layerGradients, undropped } from './linearGradients.ts'

export interface LinearOptions {
  readonly activation?: Bend | null
  /** [N, out], added last; its gradient is that of the output. */
  readonly residual?: Tensor2D | null
  /** Dropout of the activations, before the residual. */
  readonly dropout?: DropoutOptions | null
}

/**
 * residual + dropout(activation(x · weight + bias)) in one dispatch. Backward: one dispatch for x, one for the weight
 * and the bias, and one each for dropout and the activation where there are such. The result is stored as the residual
 * where there is one, else as x; gradients are f32.
 * @param x [N, in]
 * @param weight [in, out]
 * @param bias [out] or null
 * @returns [N, out]
 * @throws ShapeError, ConfigError
 */
export function linear(
  x: Tensor2D,
  weight: Tensor2D,
  bias: Tensor1D | null,
  options: LinearOptions = {},
): Tensor2D {
  checkTensor('linear x', x, [null, null])
  checkTensor('linear weight', weight, [x.shape[1], null])
  if (bias) checkTensor('linear bias', bias, [weight.shape[1]])
  if (options.residual) checkTensor('linear residual', options.residual, [x.shape[0], weight.shape[1]])
  if (options.dropout) checkRate(options.dropout.rate)
  const backend = fusedBackend('linear', x, weight)
  if (backend === null) return linearTwin(x, weight, bias, options)
  return fusedLinear(backend, { x, weight, bias, ...withDefaults(options) })
}

export function linearTwin(
  x: Tensor2D,
  weight: Tensor2D,
  bias: Tensor1D | null,
  options: LinearOptions = {},
): Tensor2D {
  const { activation, residual, dropout } = withDefaults(options)
  return tf.tidy(() => {
    const product: Tensor2D = tf.matMul(x, weight)
    const pre = bias ? tf.add<Tensor2D>(product, bias) : product
    const bent = activation ? bendTwins[activation](pre) : pre
    const kept = dropout ? drop(bent, dropout) : bent
    return residual ? tf.add<Tensor2D>(residual, kept) : kept
  })
}

function withDefaults({ activation = null, residual = null, dropout = null }: LinearOptions) {
  return { activation, residual, dropout: dropout?.rate === 0 ? null : dropout }
}

interface Inputs extends ReturnType<typeof withDefaults> {
  x: Tensor2D
  weight: Tensor2D
  bias: Tensor1D | null
}

function fusedLinear(backend: LabBackend, inputs: Inputs): Tensor2D {
  const { x, weight, bias, residual, activation, dropout } = inputs
  const tensors: Tensor[] = [x, weight, ...(bias ? [bias] : []), ...(residual ? [residual] : [])]
  return tf.customGrad((...args) => {
    const save = args[tensors.length] as tf.GradSaveFunc
    const pre =
      activation && newStored<tf.Rank.R2>(backend, [x.shape[0], weight.shape[1]], backend.storedAs(x))
    const value = matmul(backend, {
      a: x,
      b: weight,
      stored: backend.storedAs(residual ?? x),
      epilogue: {
        bias,
        parts: activation && pre ? [bend(bendNames[activation], pre)] : [],
        dropout,
        last: residual ? [plus(residual)] : [],
      },
    })
    save(pre ? [x, weight, pre] : [x, weight])
    pre?.dispose()
    const gradFunc = (dyIn: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedWeight, savedPre] = saved as [Tensor2D, Tensor2D, Tensor2D?]
      const dy = dyIn as Tensor2D
      const kept = undropped(backend, dy, dropout)
      const dPre =
        activation && savedPre
          ? fusedActivationGradient(backend, bendNames[activation], savedPre, kept)
          : kept
      const dx = inputGradient(backend, dPre, savedWeight)
      const layer = layerGradients(backend, savedX, dPre, { weight, bias })
      const scratch = [kept, dPre].filter((tensor) => tensor !== dy)
      tf.dispose(scratch)
      return [dx, layer.weight, ...(layer.bias ? [layer.bias] : []), ...(residual ? [tf.clone(dy)] : [])]
    }
    return { value, gradFunc }
  })(...tensors) as Tensor2D
}

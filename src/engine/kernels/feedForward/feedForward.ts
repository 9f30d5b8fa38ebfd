import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { swigluTwin } from '../activations/activations.ts'
import { checkRate, dropout as drop, type DropoutOptions } from '../dropout/dropout.ts'
import { type Bend, bendTwins } from '../linear/bends.ts'
import { linearTwin } from '../linear/linear.ts'
import type { Layer } from '../linear/linearGradients.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedFeedForward } from './feedForwardKernel.ts'

export interface FeedForwardWeights {
  /** [D, H] and [H] */
  readonly up: Layer
  /** [H, D'] and [D'] */
  readonly down: Layer
  /** As `up`: for SwiGLU, else null. */
  readonly gate: Layer | null
}

export interface FeedForwardChoice {
  /** Of `up` where there is no gate; SwiGLU's gate is silu. */
  readonly activation: Bend
  /** [N, D'], added last. */
  readonly residual: Tensor2D | null
  /** Of the result, before the residual. */
  readonly dropout: DropoutOptions | null
}

/**
 * residual + dropout(down(h)), where h = activation(up(x)), or silu(gate(x)) · up(x) (SwiGLU, Shazeer 2020) with a
 * gate. Forward two dispatches (three); backward four (six), one more with dropout. The backward pass makes h again
 * from what was before the activation, in the dispatch that needs its slope. Hidden values are stored as x; the result as
 * the residual where there is one, else as x.
 * @param x [N, D]
 * @returns [N, D']
 * @throws ShapeError, ConfigError
 */
export function feedForward(x: Tensor2D, weights: FeedForwardWeights, choice: FeedForwardChoice): Tensor2D {
  const { up, down, gate } = weights
  checkTensor('feedForward x', x, [null, null])
  checkTensor('feedForward up', up.weight, [x.shape[1], null])
  const [hidden, outputs] = [up.weight.shape[1], down.weight.shape[1]]
  if (up.bias) checkTensor('feedForward up bias', up.bias, [hidden])
  if (gate) checkTensor('feedForward gate', gate.weight, up.weight.shape)
  if (gate?.bias) checkTensor('feedForward gate bias', gate.bias, [hidden])
  checkTensor('feedForward down', down.weight, [hidden, null])
  if (down.bias) checkTensor('feedForward down bias', down.bias, [outputs])
  if (choice.residual) checkTensor('feedForward residual', choice.residual, [x.shape[0], outputs])
  if (choice.dropout) checkRate(choice.dropout.rate)
  const kept = choice.dropout?.rate === 0 ? { ...choice, dropout: null } : choice
  const backend = fusedBackend('feedForward', x, up.weight, down.weight)
  return backend === null
    ? feedForwardTwin(x, weights, kept)
    : fusedFeedForward(backend, { x, ...weights, ...kept })
}

export function feedForwardTwin(
  x: Tensor2D,
  { up, down, gate }: FeedForwardWeights,
  { activation, residual, dropout }: FeedForwardChoice,
): Tensor2D {
  return tf.tidy(() => {
    const above = linearTwin(x, up.weight, up.bias)
    const hidden = gate
      ? swigluTwin(linearTwin(x, gate.weight, gate.bias), above)
      : bendTwins[activation](above)
    const y = linearTwin(hidden, down.weight, down.bias)
    const kept = dropout ? drop(y, dropout) : y
    return residual ? tf.add<Tensor2D>(residual, kept) : kept
  })
}

import type { Array as JaxArray } from '@jax-js/jax'
import { hyper } from '../hyper.ts'
import type { BenchModel } from '../models/benchModel.ts'
import type { Jax } from './jaxTransformer.ts'

interface Slot {
  weight: JaxArray
  m: JaxArray
  v: JaxArray
}

/**
 * One step as one compiled function of (weights, m, v, [1/(1-beta1^t), 1/(1-beta2^t)], feeds), the first three in the
 * order of `names`. Returns [loss, weights, m, v]. jax-js consumes every argument; `.ref` keeps one more use.
 */
export function createJaxStep(jax: Jax, model: BenchModel, names: readonly string[]) {
  const { numpy: np, tree } = jax
  const forward = model.jaxLoss(jax)
  const loss = (weights: JaxArray[], ...feeds: JaxArray[]) =>
    forward((name) => weights[names.indexOf(name)]!, feeds)

  function adamW(slot: Slot, gradient: JaxArray, [correction1, correction2]: JaxArray[]): Slot {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = hyper
    const m = slot.m.mul(beta1).add(gradient.ref.mul(1 - beta1))
    const v = slot.v.mul(beta2).add(gradient.ref.mul(gradient).mul(1 - beta2))
    const root = np.sqrt(v.ref.mul(correction2!.ref)).add(epsilon)
    const direction = m.ref.mul(correction1!.ref).div(root).add(slot.weight.ref.mul(weightDecay))
    return { weight: slot.weight.sub(direction.mul(learningRate)), m, v }
  }

  return jax.jit(
    (
      weights: JaxArray[],
      m: JaxArray[],
      v: JaxArray[],
      corrections: JaxArray[],
      feeds: JaxArray[],
    ): [JaxArray, JaxArray[], JaxArray[], JaxArray[]] => {
      const [value, gradients] = jax.valueAndGrad(loss)(tree.ref(weights), ...feeds)
      const updated = weights.map((weight, i) =>
        adamW({ weight, m: m[i]!, v: v[i]! }, (gradients as JaxArray[])[i]!, corrections),
      )
      tree.dispose(corrections)
      return [
        value,
        updated.map((slot) => slot.weight),
        updated.map((slot) => slot.m),
        updated.map((slot) => slot.v),
      ]
    },
  )
}

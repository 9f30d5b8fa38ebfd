import type { GradSaveFunc, Tensor } from './tfjs.ts'
import { engine, util } from './tfjs.ts'

export interface ManyResults {
  readonly values: readonly Tensor[]
  /**
   * One gradient for each input, from one for each value (zeros where a value led nowhere) and what was saved; as a
   * function where it is made only if somebody asks for it.
   */
  readonly gradFunc: (dys: Tensor[], saved: Tensor[]) => (Tensor | (() => Tensor))[]
}

/** The part of tfjs's engine behind `customGrad`, which itself takes one value only. */
interface Taping {
  runKernelFunc(invocation: {
    forwardFunc: (backend: unknown, save: GradSaveFunc) => Tensor[]
    backwardsFunc: (dys: Tensor[], saved: Tensor[]) => Record<string, () => Tensor>
    inputs: Record<string, Tensor>
  }): Tensor[]
}

/** `tf.customGrad` for operations with several values. */
export function customGradients(
  inputs: readonly Tensor[],
  compute: (save: GradSaveFunc) => ManyResults,
): Tensor[] {
  let gradFunc: ManyResults['gradFunc']
  const taping = engine() as unknown as Taping
  return taping.runKernelFunc({
    inputs: Object.fromEntries(inputs.map((input, i) => [i, input])),
    forwardFunc: (_backend, save) => {
      const results = compute(save)
      gradFunc = results.gradFunc
      return [...results.values]
    },
    backwardsFunc: (dys, saved) => {
      // One value comes alone, as for customGrad.
      const gradients = gradFunc(Array.isArray(dys) ? dys : [dys], saved)
      util.assert(
        gradients.length === inputs.length,
        () => 'customGradients: needs a gradient for each input',
      )
      return Object.fromEntries(
        gradients.map((gradient, i) => [i, typeof gradient === 'function' ? gradient : () => gradient]),
      )
    },
  })
}

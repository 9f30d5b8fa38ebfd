import { customGradients } from './customGradients.ts'
import { isTapeOn, onOwnTape } from './tape.ts'
import { grads, type Tensor } from './tfjs.ts'

/**
 * What `run` makes of `inputs`, without keeping for the backward pass what lies between: only the inputs are kept, and
 * `run` runs again there (gradient checkpointing, Chen et al. 2016). Value and gradients have the same bits as without
 * it, for one more forward pass.
 * @param run must depend on nothing else that is differentiated, use every input, and give the same each time
 */
export function recomputed<T extends Tensor>(
  inputs: readonly Tensor[],
  run: (inputs: readonly Tensor[]) => T,
): T {
  if (!isTapeOn()) return run(inputs)
  const [value] = customGradients(inputs, (save) => {
    save([...inputs])
    return {
      values: [run(inputs)],
      // A backward pass within another would take its tape away.
      gradFunc: ([dy], saved) => onOwnTape(() => grads((...again: Tensor[]) => run(again))(saved, dy)),
    }
  })
  return value as T
}

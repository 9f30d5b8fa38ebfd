import { customGradients } from './customGradients.ts'
import { engine, grads, type Tensor } from './tfjs.ts'

/** The part of tfjs's engine that holds what backward passes go back through. */
interface Taping {
  isTapeOn(): boolean
  state: { activeTape: unknown }
}

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
  const taping = engine() as unknown as Taping
  if (!taping.isTapeOn()) return run(inputs)
  const [value] = customGradients(inputs, (save) => {
    save([...inputs])
    return {
      values: [run(inputs)],
      gradFunc: ([dy], saved) => {
        // A backward pass within another would take its tape away.
        const outer = taping.state.activeTape
        try {
          return grads((...again: Tensor[]) => run(again))(saved, dy)
        } finally {
          taping.state.activeTape = outer
        }
      },
    }
  })
  return value as T
}

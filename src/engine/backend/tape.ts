import { engine } from './tfjs.ts'

/** The part of tfjs's engine that says what is differentiated at the moment. */
interface Taping {
  isTapeOn(): boolean
  state: { activeTape: unknown; gradientDepth: number; kernelDepth: number }
}

const taping = () => engine() as unknown as Taping

/** Whether what runs now is differentiated, so that a kernel may make gradients at once. Ask before `customGradients`. */
export function isTapeOn(): boolean {
  return taping().isTapeOn()
}

/**
 * Lets `run` differentiate what it computes, wherever it is called: in a forward pass whose tape sees nothing of it and
 * keeps nothing for it, within an operation, or in a backward pass.
 */
export function onOwnTape<T>(run: () => T): T {
  const { state } = taping()
  const { activeTape, gradientDepth, kernelDepth } = state
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 })
  try {
    return run()
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth })
  }
}

import { engine } from '../backend/tfjs.ts'

/** The part of tfjs's engine that knows whether gradients will be asked for. */
interface Tape {
  isTapeOn(): boolean
}

/** Whether what runs now is differentiated, so that a kernel may make gradients at once. Ask before `customGradients`. */
export function isTapeOn(): boolean {
  return (engine() as unknown as Tape).isTapeOn()
}

import { customGrad, type Tensor } from './tfjs.ts'

/**
 * What is computed here is a constant to gradients: none goes back to anything that it reads. For choices that depend on
 * values, since tfjs has no gradient of comparisons.
 * @param compute must make a new tensor
 */
export function offTape<T extends Tensor>(compute: () => T): T {
  return customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T
}

import type { Tensor2D } from '../backend/tfjs.ts'
import { linear } from '../kernels/linear/linear.ts'
import { matrixOf, vectorOf, type Weights } from './parameter.ts'

/** x [N, in] times `<name>.weight` [in, out] plus `<name>.bias` [out] where there is one: [N, out]. */
export function dense(x: Tensor2D, weights: Weights, name: string): Tensor2D {
  return linear(x, matrixOf(weights, `${name}.weight`), vectorOf(weights, `${name}.bias`))
}

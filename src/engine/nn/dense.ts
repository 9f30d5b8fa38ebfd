import type { Tensor2D } from '../backend/tfjs.ts'
import { linear, type LinearOptions } from '../kernels/linear/linear.ts'
import { matrixOf, vectorOf, type Weights } from './parameter.ts'

/** The weight `<name>.weight` [in, out] and the bias `<name>.bias` [out], null where the model has none. */
export function layerOf(weights: Weights, name: string) {
  return { weight: matrixOf(weights, `${name}.weight`), bias: vectorOf(weights, `${name}.bias`) }
}

/** x [N, in] times `<name>.weight` plus `<name>.bias` where there is one, and what `options` adds: [N, out]. */
export function dense(x: Tensor2D, weights: Weights, name: string, options: LinearOptions = {}): Tensor2D {
  const { weight, bias } = layerOf(weights, name)
  return linear(x, weight, bias, options)
}

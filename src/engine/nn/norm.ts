import type { Tensor2D } from '../backend/tfjs.ts'
import { layerNorm } from '../kernels/layerNorm/layerNorm.ts'
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm.ts'
import { vectorOf, type Weights } from './parameter.ts'

export type NormKind = 'layer-norm' | 'rms-norm'

/**
 * Normalises every row of x [N, D] with the gain `<name>.weight` and, for LayerNorm, the bias `<name>.bias`.
 * LayerNorm: Ba et al. 2016; RMSNorm: Zhang & Sennrich 2019.
 */
export function norm(
  x: Tensor2D,
  weights: Weights,
  { name, kind, epsilon }: { name: string; kind: NormKind; epsilon: number },
): Tensor2D {
  const gain = vectorOf(weights, `${name}.weight`)
  if (kind === 'rms-norm') return rmsNorm(x, gain, epsilon)
  return layerNorm(x, gain, vectorOf(weights, `${name}.bias`), epsilon)
}

import type { StoredType } from '../backend/storedType.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import { layerNorm } from '../kernels/layerNorm/layerNorm.ts'
import { normFork } from '../kernels/layerNorm/normFork.ts'
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm.ts'
import { vectorOf, type Weights } from './parameter.ts'

export type NormKind = 'layer-norm' | 'rms-norm'

export interface NormOptions {
  readonly name: string
  readonly kind: NormKind
  readonly epsilon: number
  /** How the normalised rows are stored, and so what layers make of them; f32 by default. */
  readonly stored?: StoredType
}

/**
 * Normalises every row of x [N, D] with the gain `<name>.weight` and, for LayerNorm, the bias `<name>.bias`.
 * LayerNorm: Ba et al. 2016; RMSNorm: Zhang & Sennrich 2019.
 */
export function norm(
  x: Tensor2D,
  weights: Weights,
  { name, kind, epsilon, stored = 'f32' }: NormOptions,
): Tensor2D {
  const gain = vectorOf(weights, `${name}.weight`)
  if (kind === 'rms-norm') return rmsNorm(x, gain, epsilon, stored)
  return layerNorm(x, gain, vectorOf(weights, `${name}.bias`), epsilon, stored)
}

/** x itself and {@link norm} of it, for a residual stream: what the two give back is added up in the norm's kernel. */
export function forkNorm(x: Tensor2D, weights: Weights, options: NormOptions): [x: Tensor2D, y: Tensor2D] {
  const { name, kind, epsilon, stored = 'f32' } = options
  const gain = vectorOf(weights, `${name}.weight`)
  const bias = kind === 'rms-norm' ? null : vectorOf(weights, `${name}.bias`)
  return normFork(x, gain, bias, { kind, epsilon, stored })
}

import type { Init } from './parameter.ts'

/**
 * First values of matrices by their widths: Xavier (Glorot and Bengio 2010) keeps the variance of what goes forward and
 * back, Kaiming (He et al. 2015) that of what goes forward through ReLU.
 */
export type FanInit = 'xavier-uniform' | 'xavier-normal' | 'kaiming-uniform' | 'kaiming-normal'

/**
 * Deviation of the first values of a weight [in, out], or a convolution's [height, width, in, out], as PyTorch's `init`:
 * sqrt(2 / (fanIn + fanOut)) for Xavier, sqrt(2 / fanIn) for Kaiming. Matrices side by side count as one.
 */
export function spreadOf(
  kind: FanInit,
  shape: readonly number[],
): { standardDeviation: number; isUniform: boolean } {
  const [fanOut = 1, fanIn = 1, ...taps] = [...shape].reverse()
  const area = taps.reduce((product, length) => product * length, 1)
  const fan = (kind.startsWith('xavier') ? fanIn + fanOut : fanIn) * area
  return { standardDeviation: Math.sqrt(2 / fan), isUniform: kind.endsWith('uniform') }
}

/** Normal with deviation 0.02, as GPT-2 and BERT. */
export const spread: Init = { kind: 'normal', standardDeviation: 0.02 }

/** `scaled-normal` is GPT-2's: what adds to the residual stream starts smaller, so that it does not grow with depth. */
export type Initialization = FanInit | 'normal' | 'scaled-normal'

/** @param residuals how many terms are added to the residual stream from one end to the other */
export function initsOf(
  initialization: Initialization,
  residuals: number,
): { readonly matrix: Init; readonly residual: Init } {
  switch (initialization) {
    case 'normal':
      return { matrix: spread, residual: spread }
    case 'scaled-normal':
      return { matrix: spread, residual: { kind: 'normal', standardDeviation: 0.02 / Math.sqrt(residuals) } }
    default:
      return { matrix: { kind: initialization }, residual: { kind: initialization } }
  }
}

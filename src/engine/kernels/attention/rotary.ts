import { ShapeError } from '../../../core/errors.ts'
import { add, concat, mul, reshape, slice, sub, tensor3d, tidy, type Tensor3D } from '../../backend/tfjs.ts'
import { rotaryTable } from './rotaryTable.ts'

export interface RotaryOptions {
  /** Wavelengths run from 2 pi to 2 pi * base positions. */
  readonly base: number
  /** How many features of a head, the first ones, are turned; the rest is left as it is. Even. */
  readonly rotaryDim: number
  /** Which features make a pair: i and i + rotaryDim / 2 (LLaMA, GPT-NeoX), or 2i and 2i + 1 (GPT-J). */
  readonly style: 'half-split' | 'interleaved'
  readonly firstPosition: number
}

/**
 * Rotary positions (Su et al. 2021): turns pair i of the vector at position p by p * base^(-2i / rotaryDim).
 * x [heads, T, headDim]: the same shape. The attention kernel does this inside, without a rotated copy.
 */
export function rotary(x: Tensor3D, { base, rotaryDim, style, firstPosition }: RotaryOptions): Tensor3D {
  const [heads, seqLen, headDim] = x.shape
  if (rotaryDim % 2 !== 0 || rotaryDim < 2 || rotaryDim > headDim) {
    throw new ShapeError(`rotary: rotaryDim must be even and at most ${headDim}, got ${rotaryDim}`, {
      code: 'shape',
    })
  }
  const pairs = rotaryDim / 2
  const table = rotaryTable(firstPosition + seqLen, rotaryDim, base).subarray(firstPosition * rotaryDim)
  const half = (which: 0 | 1) =>
    tensor3d(
      Float32Array.from({ length: seqLen * pairs }, (_, i) => table[2 * i + which]!),
      [1, seqLen, pairs],
    )
  return tidy(() => {
    const [cos, sin] = [half(0), half(1)]
    const turned = slice(x, [0, 0, 0], [heads, seqLen, rotaryDim])
    // [heads * T, 2, pairs] or [heads * T, pairs, 2]: the axis of length 2 runs over a pair's two features
    const axis = style === 'half-split' ? 1 : 2
    const grouped: Tensor3D = reshape(turned, axis === 1 ? [-1, 2, pairs] : [-1, pairs, 2])
    const count = heads * seqLen
    const feature = (which: 0 | 1): Tensor3D => {
      const part =
        axis === 1
          ? slice(grouped, [0, which, 0], [count, 1, pairs])
          : slice(grouped, [0, 0, which], [count, pairs, 1])
      return reshape(part, [heads, seqLen, pairs])
    }
    const [first, second] = [feature(0), feature(1)]
    const rotated = [sub(mul(first, cos), mul(second, sin)), add(mul(first, sin), mul(second, cos))]
    const parts = rotated.map((part) => reshape(part, axis === 1 ? [count, 1, pairs] : [count, pairs, 1]))
    const result: Tensor3D = reshape(concat(parts, axis), [heads, seqLen, rotaryDim])
    if (rotaryDim === headDim) return result
    return concat([result, slice(x, [0, 0, rotaryDim], [heads, seqLen, headDim - rotaryDim])], 2)
  })
}

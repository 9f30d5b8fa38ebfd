import type { RotaryOptions } from './rotary.ts'

const cache = new Map<string, Float32Array>()
const cachedAtMost = 4

/**
 * Rotary angles (Su et al. 2021): cos and sin of position · base^(-2i / headDim), computed in float64 because the
 * GPU's own functions are inexact for large angles.
 * @returns [seqLen, headDim / 2, 2], cos then sin
 */
export function rotaryTable(seqLen: number, headDim: number, base: number): Float32Array {
  const key = `${seqLen}/${headDim}/${base}`
  const known = cache.get(key)
  if (known) return known
  const pairs = headDim / 2
  const table = new Float32Array(seqLen * headDim)
  for (let position = 0; position < seqLen; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = position * base ** (-pair / pairs)
      const at = (position * pairs + pair) * 2
      table[at] = Math.cos(angle)
      table[at + 1] = Math.sin(angle)
    }
  }
  if (cache.size >= cachedAtMost) cache.clear()
  cache.set(key, table)
  return table
}

/**
 * For kernels: rotated[e] = x[e] · cos[e] + x[partner(e)] · sin[e], where sin is negative for the first of a pair, and
 * cos 1 and sin 0 for what is not turned. A head's elements in groups of four: four cos, four sin.
 * @returns [seqLen, ceil(headDim / 4), 2, 4]
 */
export function rotaryFactors(
  seqLen: number,
  headDim: number,
  { base, rotaryDim, style, firstPosition }: RotaryOptions,
): Float32Array {
  const angles = rotaryTable(firstPosition + seqLen, rotaryDim, base)
  const parts = Math.ceil(headDim / 4)
  const factors = new Float32Array(seqLen * parts * 8)
  for (let position = 0; position < seqLen; position++) {
    for (let element = 0; element < parts * 4; element++) {
      const at = (position * parts + (element >> 2)) * 8 + (element & 3)
      factors[at] = 1
      if (element >= rotaryDim) continue
      const pair = style === 'half-split' ? element % (rotaryDim / 2) : element >> 1
      const isFirst = style === 'half-split' ? element < rotaryDim / 2 : element % 2 === 0
      const angle = (firstPosition + position) * rotaryDim + pair * 2
      factors[at] = angles[angle]!
      factors[at + 4] = isFirst ? -angles[angle + 1]! : angles[angle + 1]!
    }
  }
  return factors
}

/** The element that an element is turned with; itself where it is not turned. */
export function rotaryPartner(element: number, { rotaryDim, style }: RotaryOptions): number {
  if (element >= rotaryDim) return element
  if (style === 'interleaved') return element ^ 1
  const half = rotaryDim / 2
  return element < half ? element + half : element - half
}

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

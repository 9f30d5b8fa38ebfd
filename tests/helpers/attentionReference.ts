import { alibiSlopes } from '../../src/engine/kernels/attention/alibi.ts'
import type { AttentionOptions, AttentionSizes } from '../../src/engine/kernels/attention/attention.ts'
import type { RotaryOptions } from '../../src/engine/kernels/attention/rotary.ts'
import { dropoutMask } from '../../src/engine/kernels/dropout/dropoutMask.ts'

/** Attention one query at a time in float64, from the definition. `mask` is `options.keyMask` on the host. */
export function attentionReference(
  options: AttentionOptions,
  { headDim, queries, keys }: AttentionSizes,
  mask: readonly number[] | null,
): (q: Float64Array, kv?: Float64Array) => Float64Array {
  const { batchSize, numHeads, numKeyHeads, rotary, windowSize } = options
  const draws = options.dropout && dropoutMask(batchSize * numHeads * queries * keys, options.dropout)
  const scale = options.scale ?? 1 / Math.sqrt(headDim)
  const slopes = alibiSlopes(numHeads)
  return (q, kv) => {
    const width = (numHeads + (kv ? 0 : 2 * numKeyHeads)) * headDim
    const kvWidth = kv ? 2 * numKeyHeads * headDim : width
    const keysFrom = kv ? 0 : numHeads * headDim
    const out = new Float64Array(batchSize * queries * numHeads * headDim)
    const vector = (source: Float64Array, at: number, position: number, turns: boolean): number[] => {
      const values = [...source.subarray(at, at + headDim)]
      return rotary && turns ? rotated(values, position, rotary) : values
    }
    for (let b = 0; b < batchSize; b++) {
      for (let h = 0; h < numHeads; h++) {
        const keyHead = Math.floor((h * numKeyHeads) / numHeads)
        for (let i = 0; i < queries; i++) {
          const query = vector(q, (b * queries + i) * width + h * headDim, i, true)
          const scores = Array.from({ length: keys }, (_, j) => {
            const isSeen =
              (!options.isCausal || j <= i) &&
              (windowSize === null || Math.abs(i - j) < windowSize) &&
              mask?.[b * keys + j] !== 0
            if (!isSeen) return 0
            const at = (b * keys + j) * kvWidth + keysFrom + keyHead * headDim
            const product = dot(query, vector(kv ?? q, at, j, true))
            return Math.exp(product * scale - (options.hasAlibi ? slopes[h]! * Math.abs(i - j) : 0))
          })
          const total = scores.reduce((sum, score) => sum + score, 0)
          scores.forEach((score, j) => {
            if (score === 0) return
            const factor = draws?.[((b * numHeads + h) * queries + i) * keys + j] ?? 1
            const at = (b * keys + j) * kvWidth + keysFrom + (numKeyHeads + keyHead) * headDim
            vector(kv ?? q, at, j, false).forEach((value, d) => {
              out[((b * queries + i) * numHeads + h) * headDim + d]! += (score / total) * factor * value
            })
          })
        }
      }
    }
    return out
  }
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}

function rotated(values: number[], position: number, options: RotaryOptions): number[] {
  const { base, rotaryDim, style, firstPosition } = options
  const half = rotaryDim / 2
  const turned = [...values]
  for (let pair = 0; pair < half; pair++) {
    const [first, second] = style === 'half-split' ? [pair, pair + half] : [2 * pair, 2 * pair + 1]
    const angle = (firstPosition + position) * base ** (-pair / half)
    turned[first!] = values[first!]! * Math.cos(angle) - values[second!]! * Math.sin(angle)
    turned[second!] = values[first!]! * Math.sin(angle) + values[second!]! * Math.cos(angle)
  }
  return turned
}

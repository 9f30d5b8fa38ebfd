/** How the next token is chosen. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number
  /** Only this many of the likeliest tokens are drawn from; 0: all. */
  readonly topK: number
}

/** Position of the largest value, the first one on a tie. */
export function argMaxOf(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** Which of the ids are among the k likeliest; of equal ones the lowest ids are. */
function likeliest(logits: Float32Array, topK: number): (id: number) => boolean {
  if (topK === 0 || topK >= logits.length) return () => true
  const border = Float32Array.from(logits).sort()[logits.length - topK]!
  const kept = new Set<number>()
  logits.forEach((logit, id) => logit > border && kept.add(id))
  logits.forEach((logit, id) => logit === border && kept.size < topK && kept.add(id))
  return (id) => kept.has(id)
}

/**
 * Draws a token from softmax(logits / temperature) with `uniform` in [0, 1), in float64 so that the choice does not
 * depend on the adapter beyond the logits themselves. `logits` [V] must be finite.
 */
export function sampleToken(
  logits: Float32Array,
  { temperature, topK }: SamplingOptions,
  uniform: number,
): number {
  const best = argMaxOf(logits)
  if (temperature === 0) return best
  const isDrawn = likeliest(logits, topK)
  const weights = Float64Array.from(logits, (logit, id) =>
    isDrawn(id) ? Math.exp((logit - logits[best]!) / temperature) : 0,
  )
  const target = uniform * weights.reduce((sum, weight) => sum + weight, 0)
  let passed = 0
  let last = best
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue
    passed += weights[id]!
    last = id
    if (passed > target) return id
  }
  return last // the sum in another order may round above the last partial sum
}

import type { SamplingOptions } from '../../core/sampling.ts'

/** What is said of tokens that are there already. */
export type RepetitionOptions = Pick<SamplingOptions, 'repetitionPenalty' | 'noRepeatNgram'>

/** Position of the largest value, the first one on a tie. */
export function argMaxOf(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/**
 * Logits, or log-probabilities, [V] in float64 with what was written taken into account: the repetition penalty (Keskar et al. 2019), then minus
 * infinity for tokens that would repeat an n-gram, unless that would be all of them.
 * @param seen all tokens so far, the prompt's too
 */
export function penalised(
  logits: ArrayLike<number>,
  { repetitionPenalty, noRepeatNgram }: RepetitionOptions,
  seen: readonly number[],
): Float64Array {
  const scores = Float64Array.from(logits)
  if (repetitionPenalty !== 1) {
    for (const id of new Set(seen))
      scores[id]! = scores[id]! > 0 ? scores[id]! / repetitionPenalty : scores[id]! * repetitionPenalty
  }
  if (noRepeatNgram > 0 && seen.length >= noRepeatNgram - 1) {
    const banned = repeating(seen, noRepeatNgram)
    if (banned.size < scores.length) for (const id of banned) scores[id] = -Infinity
  }
  return scores
}

/** What followed each earlier occurrence of the last n - 1 tokens. */
function repeating(seen: readonly number[], n: number): Set<number> {
  const end = seen.length - (n - 1)
  const found = new Set<number>()
  for (let start = 0; start + n - 1 < seen.length; start++) {
    let length = 0
    while (length < n - 1 && seen[start + length] === seen[end + length]) length++
    if (length === n - 1) found.add(seen[start + n - 1]!)
  }
  return found
}

/** Ids by falling score, of equal ones the lowest first. */
function ranked(scores: Float64Array): Int32Array {
  return Int32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/**
 * Leaves the k likeliest tokens, of these the fewest that have the probability p together, of these the ones that come near
 * the likeliest: sets the other weights to 0. A token stays within p where those before it have less than p.
 */
function filter(weights: Float64Array, scores: Float64Array, { topK, topP, minP }: SamplingOptions): void {
  const isShort = topK > 0 && topK < weights.length
  if (!isShort && topP >= 1 && minP <= 0) return
  const order = ranked(scores)
  if (isShort) for (const id of order.subarray(topK)) weights[id] = 0
  if (topP < 1) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    let before = 0
    order.forEach((id, rank) => {
      const weight = weights[id]!
      if (rank > 0 && before >= topP * total) weights[id] = 0
      before += weight
    })
  }
  if (minP > 0) {
    const least = minP * weights[order[0]!]!
    weights.forEach((weight, id) => {
      if (weight < least) weights[id] = 0
    })
  }
}

/**
 * Draws a token from softmax(logits / temperature) with `uniform` in [0, 1), in float64 so that the choice does not
 * depend on the adapter beyond the logits themselves. `logits` [V] must be finite. In the order of Hugging Face's
 * `GenerationMixin._get_logits_processor`: repetition penalty, n-grams, temperature, top k, top p, min p.
 * @param seen all tokens so far, the prompt's too
 */
export function sampleToken(
  logits: Float32Array,
  options: SamplingOptions,
  uniform: number,
  seen: readonly number[] = [],
): number {
  const { temperature } = options
  const scores = penalised(logits, options, seen)
  const best = argMaxOf(scores)
  if (temperature === 0) return best
  const weights = scores.map((score) => Math.exp((score - scores[best]!) / temperature))
  filter(weights, scores, options)
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

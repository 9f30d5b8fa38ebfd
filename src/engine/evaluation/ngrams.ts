/** How often each run of `order` tokens stands in a list. */
export function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let start = 0; start + order <= tokens.length; start++) {
    // No token holds a line break: texts are cut at white space, and characters that are some are left out.
    const ngram = tokens.slice(start, start + order).join('\n')
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1)
  }
  return counts
}

export interface NgramMatches {
  /** Of what was written. */
  readonly said: number
  /** Of what is right. */
  readonly right: number
  /** In both, each as often as it stands in the one that has it less often. */
  readonly both: number
}

export function matchNgrams(said: readonly string[], right: readonly string[], order: number): NgramMatches {
  const [own, wanted] = [countNgrams(said, order), countNgrams(right, order)]
  let both = 0
  for (const [ngram, count] of own) both += Math.min(count, wanted.get(ngram) ?? 0)
  return {
    said: Math.max(0, said.length - order + 1),
    right: Math.max(0, right.length - order + 1),
    both,
  }
}

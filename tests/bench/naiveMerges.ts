/**
 * Byte-pair encoding by the book: counts all pairs of all words anew for every merge. The truth for `learnMerges`, and what
 * it is measured against. Ties as there: the lower left id, then the lower right id.
 *
 * @param words each as ids of `tokens`, with how often it stands; left as they are after the merges
 */
export function naiveMerges(
  words: readonly { ids: number[]; readonly count: number }[],
  tokens: readonly string[],
  vocabSize: number,
): { tokens: string[]; merges: [number, number][] } {
  const own = [...tokens]
  const merges: [number, number][] = []
  while (own.length < vocabSize) {
    const counts = new Map<string, number>()
    for (const { ids, count } of words)
      for (let i = 0; i + 1 < ids.length; i++) {
        const pair = `${ids[i]} ${ids[i + 1]}`
        counts.set(pair, (counts.get(pair) ?? 0) + count)
      }
    let best: { left: number; right: number; count: number } | null = null
    for (const [pair, count] of counts) {
      const [left, right] = pair.split(' ').map(Number) as [number, number]
      const isBetter =
        best === null ||
        count > best.count ||
        (count === best.count && (left < best.left || (left === best.left && right < best.right)))
      if (isBetter) best = { left, right, count }
    }
    if (best === null || best.count < 2) break
    const { left, right } = best
    const merged = own.push(own[left]! + own[right]!) - 1
    merges.push([left, right])
    for (const word of words) {
      const out: number[] = []
      for (let i = 0; i < word.ids.length; i++) {
        const isPair = word.ids[i] === left && word.ids[i + 1] === right
        out.push(isPair ? merged : word.ids[i]!)
        if (isPair) i++
      }
      word.ids = out
    }
  }
  return { tokens: own, merges }
}

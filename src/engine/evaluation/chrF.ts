import { defineMetric } from './defineMetric.ts'
import { matchNgrams } from './ngrams.ts'

const orders = [1, 2, 3, 4, 5, 6]
/** Recall counts twice. */
const factor = 2 ** 2

const characters = (text: string): string[] => Array.from(text.replace(/\s+/gu, ''))

/**
 * chrF2 of all texts (Popović 2015), 0 to 1: how many runs of one to six characters are right, as sacreBLEU counts them. Says
 * more than BLEU of names and other short texts.
 */
export default defineMetric({
  id: 'chrF',
  label: 'chrF',
  better: 'higher',
  of: 'writing',
  compute({ said, right }) {
    const pairs = said.map((text, i) => [characters(text), characters(right[i]!)] as const)
    let [precision, recall, counted] = [0, 0, 0]
    for (const order of orders) {
      const sums = { said: 0, right: 0, both: 0 }
      for (const [a, b] of pairs) {
        const found = matchNgrams(a, b, order)
        // What was written counts only where the right text has runs of this length.
        if (found.right > 0) sums.said += found.said
        sums.right += found.right
        sums.both += found.both
      }
      if (sums.said === 0 || sums.right === 0) continue
      precision += sums.both / sums.said
      recall += sums.both / sums.right
      counted++
    }
    if (precision + recall === 0) return 0
    return ((1 + factor) * precision * recall) / (counted * (factor * precision + recall))
  },
})

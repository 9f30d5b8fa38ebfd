import { defineMetric } from './defineMetric.ts'
import { matchNgrams } from './ngrams.ts'

const orders = [1, 2, 3, 4]

/** Signs stand alone, points and commas but within numbers, dashes behind digits: mteval's v13a, for Western languages. */
function words(text: string): string[] {
  return ` ${text.replaceAll('\n', ' ')} `
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/u)
    .filter((word) => word !== '')
}

/**
 * BLEU of all texts (Papineni et al. 2002), 0 to 1: sacreBLEU's with tokens of v13a, cased, orders that match nowhere smoothed
 * exponentially.
 */
export default defineMetric({
  id: 'bleu',
  label: 'BLEU',
  better: 'higher',
  of: 'writing',
  compute({ said, right }) {
    const pairs = said.map((text, i) => [words(text), words(right[i]!)] as const)
    const lengthOf = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side].length, 0)
    const [own, wanted] = [lengthOf(0), lengthOf(1)]
    let smoothing = 1
    let logSum = 0
    let hasMatch = false
    for (const order of orders) {
      const found = pairs.map(([a, b]) => matchNgrams(a, b, order))
      const total = found.reduce((sum, match) => sum + match.said, 0)
      const both = found.reduce((sum, match) => sum + match.both, 0)
      hasMatch ||= both > 0
      if (total === 0) return 0
      if (both === 0) smoothing *= 2
      logSum += Math.log(both === 0 ? 1 / (smoothing * total) : both / total)
    }
    if (!hasMatch) return 0
    const brevity = own < wanted ? Math.exp(1 - wanted / own) : 1
    return brevity * Math.exp(logSum / orders.length)
  },
})

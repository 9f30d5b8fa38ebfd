import { corpusBleu } from './corpusBleu.ts'
import { defineMetric } from './defineMetric.ts'

/** Signs stand alone, points and commas but within numbers, dashes behind digits: mteval's v13a, for Western languages. */
export function words13a(text: string): string[] {
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

/** BLEU of all texts, 0 to 1: sacreBLEU's with tokens of v13a, cased, orders that match nowhere smoothed exponentially. */
export default defineMetric({
  id: 'bleu',
  label: 'BLEU',
  better: 'higher',
  of: 'writing',
  compute({ said, right }) {
    return corpusBleu(said.map((text, i) => ({ said: words13a(text), right: [words13a(right[i]!)] }))).score
  },
})

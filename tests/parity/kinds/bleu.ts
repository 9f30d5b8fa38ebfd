import { words13a } from '../../../src/engine/evaluation/bleu.ts'
import { corpusBleu, type BleuSmoothing } from '../../../src/engine/evaluation/corpusBleu.ts'
import { defineKind } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asList, asNumber, asNumbers, asText } from '../json.ts'

const tokens = {
  '13a': words13a,
  none: (text: string) => text.split(' ').filter((word) => word !== ''),
} as const

/** Texts that were written, and one or more lists of those that are right. */
export default defineKind({
  id: 'bleu',
  isFor: (file) => file['what'] === 'BLEU',
  check(golden) {
    const { params, inputs, comparison, expected, closeness } = golden
    const cut = tokens[golden.choice('tokenize', ['13a', 'none'])]
    const isLowercase = golden.flag('lowercase', false)
    const wordsOf = (text: string) => cut(isLowercase ? text.toLowerCase() : text)
    const lines = (value: Parameters<typeof asList>[0], where: string) =>
      asList(value, where).map((text, i) => wordsOf(asText(text, `${where}[${i}]`)))
    const said = lines(inputs.take('hypotheses'), 'hypotheses')
    const references = asList(inputs.take('references'), 'references').map((list, r) =>
      lines(list, `references[${r}]`),
    )
    const texts = said.map((own, i) => ({ said: own, right: references.map((list) => list[i]!) }))
    const maxOrder = params.has('max_ngram_order') ? golden.param('max_ngram_order') : 4
    const options = { maxOrder, smoothing: smoothingOf(golden) }
    const { score, precisions, matches, chances, ...told } = corpusBleu(texts, options)
    const percent = (share: number) => 100 * share
    const found: Readonly<Record<string, number | readonly number[]>> = {
      bleu: percent(score),
      precisions_percent: precisions.map(percent),
      brevity_penalty: told.brevityPenalty,
      hypothesis_length: told.writtenLength,
      reference_length: told.rightLength,
      counts: matches,
      totals: chances,
      sentence_bleu_effective_order: texts.map((text) =>
        percent(corpusBleu([text], { ...options, leavesOutOrders: true }).score),
      ),
    }
    for (const [name, actual] of Object.entries(found)) {
      const stated = expected.takeIfThere(name)
      if (stated === undefined) continue
      if (typeof actual === 'number') comparison.number(name, actual, asNumber(stated, name), closeness)
      else comparison.close(name, actual, asNumbers(stated, name), closeness)
    }
    return Promise.resolve()
  },
})

function smoothingOf(golden: GoldenCase): BleuSmoothing {
  const { params } = golden
  if (!params.has('smooth_method')) return { kind: 'exp' }
  const kind = golden.choice('smooth_method', ['none', 'exp', 'floor', 'add-k'])
  if (kind === 'none' || kind === 'exp') return { kind }
  const usual = kind === 'floor' ? 0 : 1
  return { kind, matches: params.has('smooth_value') ? golden.param('smooth_value') : usual }
}

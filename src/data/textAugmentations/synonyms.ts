import { defineTextAugmentation, rateField } from './defineTextAugmentation.ts'
import { onText } from './onText.ts'
import { readSynonymLines } from '../../core/synonymLines.ts'
import { synonymsOf } from './synonyms/synonymsOf.ts'

/** Synonym replacement (Wei and Zou 2019, EDA; Zhang et al. 2015), by WordNet or by a person's own list. */
export default defineTextAugmentation({
  id: 'synonyms',
  order: 4,
  title: 'Synonyms',
  summary: 'Puts words of the same meaning in the place of some: English ones by WordNet, or your own.',
  link: 'https://arxiv.org/abs/1901.11196',
  fields: {
    rate: rateField(
      0.1,
      'Share of the words that are replaced, of those that have a synonym. Words that the tokenizer does not know are never put in.',
    ),
    source: {
      type: 'choice',
      label: 'Words from',
      help: 'What is known of words of the same meaning.',
      default: 'wordnet',
      options: [
        { value: 'wordnet', label: 'WordNet', help: 'Common English words.' },
        { value: 'both', label: 'Both', help: 'Your own, and those of WordNet.' },
        { value: 'own', label: 'Your own', help: 'In any language.' },
      ],
    },
    own: {
      type: 'text',
      label: 'Your own',
      help: 'A line for each word, as “quick: fast, rapid”; it counts for that word alone, not for the others. Lines that begin with # say nothing.',
      default: '',
      maxLength: 20000,
      isMultiline: true,
    },
  },
  neutral: { rate: 0 },
  apply: onText((text, { rate, source, own }, draw, knows) => {
    const ownOthers = source === 'wordnet' ? null : linesOf(own)
    let place = 0
    return text.replaceAll(/\p{L}+/gu, (word) => {
      const at = 2 * place++
      if (draw(at) >= rate) return word
      const lower = word.toLowerCase()
      const mine = ownOthers?.get(lower) ?? []
      const others = [...new Set(source === 'own' ? mine : [...mine, ...synonymsOf(lower)])]
        .map((other) => casedAs(word, other))
        .filter(knows)
      return others[Math.floor(draw(at + 1) * others.length)] ?? word
    })
  }),
})

/** Read once: a run asks for every text. */
let latest: { readonly text: string; readonly others: ReadonlyMap<string, readonly string[]> } | null = null

function linesOf(text: string): ReadonlyMap<string, readonly string[]> {
  if (latest?.text !== text) latest = { text, others: readSynonymLines(text).others }
  return latest.others
}

/** All capitals, or the first, where the word has them. */
function casedAs(word: string, other: string): string {
  if (word === word.toLowerCase()) return other
  if (word.length > 1 && word === word.toUpperCase()) return other.toUpperCase()
  return other[0]!.toUpperCase() + other.slice(1)
}

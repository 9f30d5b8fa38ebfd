import { defineTextAugmentation, rateField } from './defineTextAugmentation.ts'
import { onText } from './onText.ts'
import { synonymsOf } from './synonyms/synonymsOf.ts'

/** Synonym replacement (Wei and Zou 2019, EDA; Zhang et al. 2015), by WordNet. */
export default defineTextAugmentation({
  id: 'synonyms',
  order: 4,
  title: 'Synonyms',
  summary: 'Puts English words of the same meaning in the place of some, by WordNet.',
  link: 'https://arxiv.org/abs/1901.11196',
  fields: {
    rate: rateField(
      0.1,
      'Share of the words that are replaced, of those that have a synonym. Words that the tokenizer does not know are never put in.',
    ),
  },
  neutral: { rate: 0 },
  apply: onText((text, { rate }, draw, knows) => {
    let place = 0
    return text.replaceAll(/\p{L}+/gu, (word) => {
      const at = 2 * place++
      if (draw(at) >= rate) return word
      const others = synonymsOf(word.toLowerCase())
        .map((other) => casedAs(word, other))
        .filter(knows)
      return others[Math.floor(draw(at + 1) * others.length)] ?? word
    })
  }),
})

/** All capitals, or the first, where the word has them. */
function casedAs(word: string, other: string): string {
  if (word === word.toLowerCase()) return other
  if (word.length > 1 && word === word.toUpperCase()) return other.toUpperCase()
  return other[0]!.toUpperCase() + other.slice(1)
}

import type { TokenArray } from '../../core/prepared.ts'
import { itemTexts } from '../textLengths.ts'
import { noToken } from '../textTokens.ts'
import { defineDifficulty } from './defineDifficulty.ts'

type Rows = TokenArray | Float32Array

/** -log of the share of each token among all of some texts: [vocabSize]; 0 of those that never come. */
function surprise(texts: readonly Rows[], vocabSize: number): Float64Array {
  const counts = new Float64Array(vocabSize)
  let total = 0
  for (const rows of texts) {
    for (const token of rows) {
      if (token === noToken) continue
      counts[token]!++
      total++
    }
  }
  return counts.map((count) => (count === 0 ? 0 : -Math.log(count / total)))
}

/**
 * Mean of -log p over the tokens of an example, p the share of a token in the training part. Platanios et al. (2019, section
 * 3.1) take the sum, in which long texts of common words are hard too: that is what the length is for.
 */
export default defineDifficulty({
  id: 'rarity',
  order: 1,
  title: 'Common words first',
  summary:
    'Begins with the texts whose tokens are commonest on average, and goes on to those with rare ones.',
  link: 'https://arxiv.org/abs/1903.09848',
  fields: {},
  ofItems(part, vocabSize) {
    const texts = itemTexts(part)
    if (texts.length === 0) return null
    const surprises = surprise(texts, vocabSize)
    return Float64Array.from({ length: part.count }, (_, item) => {
      let sum = 0
      let tokens = 0
      for (const rows of texts) {
        const perItem = rows.length / part.count
        for (let i = item * perItem; i < (item + 1) * perItem && rows[i] !== noToken; i++) {
          sum += surprises[rows[i]!]!
          tokens++
        }
      }
      return sum / Math.max(1, tokens)
    })
  },
  ofWindows({ tokens, seqLen, vocabSize }) {
    const surprises = surprise([tokens], vocabSize)
    return Float64Array.from({ length: Math.floor((tokens.length - 1) / seqLen) }, (_, window) => {
      let sum = 0
      for (let i = window * seqLen; i < (window + 1) * seqLen; i++) sum += surprises[tokens[i]!]!
      return sum / seqLen
    })
  },
})

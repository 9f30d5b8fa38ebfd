import { defineTextAugmentation, rateField } from './defineTextAugmentation.ts'

/** Word dropout by other words (Xie et al. 2017, unigram noising without frequencies). */
export default defineTextAugmentation({
  id: 'replace-tokens',
  order: 3,
  title: 'Replace tokens',
  summary: 'Puts any other token in the place of some.',
  link: 'https://arxiv.org/abs/1703.02573',
  fields: { rate: rateField(0.05, 'Share of the tokens that are replaced.') },
  neutral: { rate: 0 },
  apply: (tokens, { rate }, draw, { vocabSize }) =>
    tokens.map((token, i) => (draw(2 * i) < rate ? Math.floor(draw(2 * i + 1) * vocabSize) : token)),
})

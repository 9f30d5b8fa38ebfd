import { defineTextAugmentation, rateField } from './defineTextAugmentation.ts'

/** Random deletion (Wei and Zou 2019, EDA). */
export default defineTextAugmentation({
  id: 'drop-tokens',
  order: 0,
  title: 'Drop tokens',
  summary: 'Leaves out some of the tokens.',
  link: 'https://arxiv.org/abs/1901.11196',
  fields: { rate: rateField(0.1, 'Share of the tokens that are left out.') },
  neutral: { rate: 0 },
  apply(tokens, { rate }, draw) {
    const kept = tokens.filter((_, i) => draw(i) >= rate)
    // One is left, whichever.
    return kept.length > 0
      ? kept
      : tokens.slice(Math.floor(draw(tokens.length) * tokens.length)).subarray(0, 1)
  },
})

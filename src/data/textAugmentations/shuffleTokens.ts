import { defineTextAugmentation } from './defineTextAugmentation.ts'

/** A permutation in which no token moves further than the window (Lample et al. 2018, their noise model). */
export default defineTextAugmentation({
  id: 'shuffle-tokens',
  order: 1,
  title: 'Shuffle within a window',
  summary: 'Changes the order of tokens that stand near each other.',
  link: 'https://arxiv.org/abs/1711.00043',
  fields: {
    window: {
      type: 'int',
      label: 'Window',
      help: 'Furthest that a token moves.',
      default: 3,
      min: 1,
      max: 64,
      unit: 'tokens',
    },
  },
  neutral: { window: 0 },
  apply(tokens, { window }, draw) {
    const places = Array.from(tokens, (token, i) => ({ token, at: i + draw(i) * (window + 1), i }))
    return Int32Array.from(
      places.sort((a, b) => a.at - b.at || a.i - b.i),
      ({ token }) => token,
    )
  },
})

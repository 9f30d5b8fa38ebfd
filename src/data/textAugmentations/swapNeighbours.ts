import { defineTextAugmentation, rateField } from './defineTextAugmentation.ts'

/** Of letters the commonest slip of the keyboard (Belinkov and Bisk 2018), of words a changed order. */
export default defineTextAugmentation({
  id: 'swap-neighbours',
  order: 2,
  title: 'Misspell',
  summary: 'Exchanges neighbouring tokens: with a tokenizer of letters, what a hasty hand does.',
  link: 'https://arxiv.org/abs/1711.02173',
  fields: { rate: rateField(0.05, 'Share of the places at which two tokens change their order.') },
  neutral: { rate: 0 },
  apply(tokens, { rate }, draw) {
    const out = tokens.slice()
    for (let i = 0; i + 1 < out.length; i++) {
      if (draw(i) >= rate) continue
      ;[out[i], out[i + 1]] = [out[i + 1]!, out[i]!]
      i++ // a token moves once
    }
    return out
  },
})

import { textLengths } from '../textLengths.ts'
import { defineDifficulty } from './defineDifficulty.ts'

/** Tokens of an item's text, of the longer one where it has two (Platanios et al. 2019, section 3.1). */
export default defineDifficulty({
  id: 'length',
  order: 0,
  title: 'Short texts first',
  summary: 'Begins with the items whose texts are shortest. A running text has no short ones.',
  link: 'https://arxiv.org/abs/1903.09848',
  dataKinds: ['images', 'table'],
  fields: {},
  ofItems(part) {
    const lengths = textLengths(part)
    return lengths && Float64Array.from(lengths)
  },
  ofWindows: () => null,
})

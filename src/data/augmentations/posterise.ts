import { defineAugmentation, mapped, probabilityField } from './defineAugmentation.ts'

export default defineAugmentation({
  id: 'posterise',
  order: 7,
  title: 'Posterise',
  summary: 'Leaves only some steps of brightness.',
  fields: {
    bits: {
      type: 'int',
      label: 'Bits',
      help: 'Of each value: two to this power steps remain.',
      default: 4,
      min: 1,
      max: 8,
    },
    probability: probabilityField(0.2),
  },
  neutral: { bits: 8 },
  apply(picture, { bits, probability }, draw) {
    if (draw(0) >= probability) return picture
    const most = 2 ** bits - 1
    return mapped(picture, (value) => Math.floor(value * most + 0.5) / most)
  },
})

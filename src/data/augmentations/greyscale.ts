import { defineAugmentation, mapped, probabilityField } from './defineAugmentation.ts'

export default defineAugmentation({
  id: 'greyscale',
  order: 5,
  title: 'Greyscale',
  summary: 'Takes the colours away. Grey images stay as they are.',
  fields: { probability: probabilityField(0.2) },
  neutral: { probability: 0 },
  apply(picture, { probability }, draw) {
    if (picture.channels !== 3 || draw(0) >= probability) return picture
    const { values } = picture
    return mapped(picture, (_, i) => {
      const at = i - (i % 3)
      return 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!
    })
  },
})

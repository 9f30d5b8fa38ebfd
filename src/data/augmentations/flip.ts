import { defineAugmentation, probabilityField } from './defineAugmentation.ts'

export default defineAugmentation({
  id: 'flip',
  order: 1,
  title: 'Flip',
  summary: 'Left becomes right. Not for letters and digits.',
  fields: { probability: probabilityField(0.5) },
  neutral: { probability: 0 },
  apply(picture, { probability }, draw) {
    if (draw(0) >= probability) return picture
    const { width, channels } = picture
    const values = picture.values.map((_, i) => {
      const channel = i % channels
      const pixel = (i - channel) / channels
      const x = pixel % width
      return picture.values[(pixel - x + width - 1 - x) * channels + channel]!
    })
    return { ...picture, values }
  },
})

import { defineAugmentation, mapped, probabilityField } from './defineAugmentation.ts'

/** A rectangle of the mean (Zhong et al. 2020). */
export default defineAugmentation({
  id: 'erase',
  order: 8,
  title: 'Erase',
  summary: 'Covers a rectangle with the mean of the image.',
  link: 'https://arxiv.org/abs/1708.04896',
  fields: {
    maxArea: {
      type: 'number',
      label: 'Largest part',
      help: 'Largest share of the image that is covered.',
      default: 0.2,
      min: 0.02,
      max: 0.9,
      step: 0.02,
    },
    probability: probabilityField(0.5),
  },
  neutral: { maxArea: 0 },
  apply(picture, { maxArea, probability }, draw) {
    if (draw(0) >= probability) return picture
    const { height, width, channels, values } = picture
    const area = maxArea * draw(1)
    const stretch = 3 ** (2 * draw(2) - 1)
    const rows = Math.min(1, Math.sqrt(area * stretch)) * height
    const columns = Math.min(1, Math.sqrt(area / stretch)) * width
    const top = (height - rows) * draw(3)
    const left = (width - columns) * draw(4)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return mapped(picture, (value, i) => {
      const pixel = Math.floor(i / channels)
      const x = pixel % width
      const y = (pixel - x) / width
      const isCovered = y >= top && y < top + rows && x >= left && x < left + columns
      return isCovered ? mean : value
    })
  },
})

import { defineAugmentation, warped } from './defineAugmentation.ts'

/** A part of the image at the size of the whole (Szegedy et al. 2015, as SimCLR uses it). */
export default defineAugmentation({
  id: 'crop-resize',
  order: 0,
  title: 'Crop and resize',
  summary: 'Shows a part of the image, drawn at random, at full size.',
  link: 'https://arxiv.org/abs/2002.05709',
  fields: {
    minScale: {
      type: 'number',
      label: 'Smallest part',
      help: 'Least share of the area that is shown.',
      default: 0.4,
      min: 0.05,
      max: 1,
      step: 0.05,
    },
    maxStretch: {
      type: 'number',
      label: 'Most stretched',
      help: 'How much wider than high, or the other way, a part may be.',
      default: 1.33,
      min: 1,
      max: 4,
      step: 0.1,
    },
  },
  neutral: { minScale: 1, maxStretch: 1 },
  apply(picture, { minScale, maxStretch }, draw) {
    const { height, width } = picture
    const scale = minScale + (1 - minScale) * draw(0)
    const stretch = maxStretch ** (2 * draw(1) - 1)
    const cropWidth = Math.min(width, width * Math.sqrt(scale * stretch))
    const cropHeight = Math.min(height, height * Math.sqrt(scale / stretch))
    const top = (height - cropHeight) * draw(2)
    const left = (width - cropWidth) * draw(3)
    return warped(picture, {
      yOf: (y) => top + ((y + 0.5) * cropHeight) / height - 0.5,
      xOf: (_y, x) => left + ((x + 0.5) * cropWidth) / width - 0.5,
    })
  },
})

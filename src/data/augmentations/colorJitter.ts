import { defineAugmentation, mapped, probabilityField, type Picture } from './defineAugmentation.ts'

const strength = (label: string, help: string) =>
  ({ type: 'number', label, help, default: 0.4, min: 0, max: 1, step: 0.05 }) as const

function meanOf({ values }: Picture): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Each pixel's own grey, in place of its colours, by a share of 1 - `kept`. */
function resaturated(picture: Picture, kept: number): Picture {
  if (picture.channels !== 3) return picture
  const { values } = picture
  return mapped(picture, (value, i) => {
    const at = i - (i % 3)
    const grey = 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!
    return grey + kept * (value - grey)
  })
}

/** Brightness, contrast and saturation, in this order. */
export default defineAugmentation({
  id: 'color-jitter',
  order: 4,
  title: 'Colour jitter',
  summary: 'Changes brightness, contrast and saturation.',
  link: 'https://arxiv.org/abs/2002.05709',
  fields: {
    brightness: strength('Brightness', 'All values times 1, give or take as much.'),
    contrast: strength('Contrast', 'Distances from the mean times 1, give or take as much.'),
    saturation: strength('Saturation', 'Distances from grey times 1, give or take as much.'),
    probability: probabilityField(0.8),
  },
  neutral: { brightness: 0, contrast: 0, saturation: 0 },
  apply(picture, { brightness, contrast, saturation, probability }, draw) {
    if (draw(0) >= probability) return picture
    const factor = (index: number, most: number) => 1 + (2 * draw(index) - 1) * most
    const bright = mapped(picture, (value) => value * factor(1, brightness))
    const mean = meanOf(bright)
    const ofContrast = factor(2, contrast)
    const contrasted = mapped(bright, (value) => mean + ofContrast * (value - mean))
    return resaturated(contrasted, factor(3, saturation))
  },
})

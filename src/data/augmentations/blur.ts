import { defineAugmentation, probabilityField, type Picture } from './defineAugmentation.ts'

/** One pass along rows or columns; the edge goes on. */
function blurred(picture: Picture, weights: Float64Array, isAlongRows: boolean): Picture {
  const { height, width, channels, values } = picture
  const radius = (weights.length - 1) / 2
  const out = new Float32Array(values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        weights.forEach((weight, k) => {
          const row = isAlongRows ? y : Math.min(height - 1, Math.max(0, y + k - radius))
          const column = isAlongRows ? Math.min(width - 1, Math.max(0, x + k - radius)) : x
          sum += weight * values[(row * width + column) * channels + channel]!
        })
        out[(y * width + x) * channels + channel] = sum
      }
    }
  }
  return { ...picture, values: out }
}

/** A Gaussian, out to two deviations and more. */
export default defineAugmentation({
  id: 'blur',
  order: 6,
  title: 'Blur',
  summary: 'Makes the image soft.',
  fields: {
    deviation: {
      type: 'number',
      label: 'At most',
      help: 'Standard deviation of the blur.',
      default: 1,
      min: 0.1,
      max: 10,
      step: 0.1,
      unit: 'pixels',
    },
    probability: probabilityField(0.5),
  },
  neutral: { deviation: 0.1 },
  apply(picture, { deviation, probability }, draw) {
    if (draw(0) >= probability) return picture
    const own = 0.1 + draw(1) * (deviation - 0.1)
    const radius = Math.ceil(2 * own)
    const bell = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
      Math.exp(-(((k - radius) / own) ** 2) / 2),
    )
    const sum = bell.reduce((total, weight) => total + weight, 0)
    const weights = bell.map((weight) => weight / sum)
    return blurred(blurred(picture, weights, true), weights, false)
  },
})

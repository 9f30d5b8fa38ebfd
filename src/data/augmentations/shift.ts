import { defineAugmentation, warped } from './defineAugmentation.ts'

export default defineAugmentation({
  id: 'shift',
  order: 2,
  title: 'Shift',
  summary: 'Moves the image by some pixels; what lies at the edge goes on.',
  fields: {
    pixels: {
      type: 'int',
      label: 'At most',
      help: 'Pixels by which it is moved in each direction.',
      default: 2,
      min: 0,
      max: 64,
      unit: 'pixels',
    },
  },
  neutral: { pixels: 0 },
  apply(picture, { pixels }, draw) {
    const by = (index: number) => Math.floor(draw(index) * (2 * pixels + 1)) - pixels
    const [down, right] = [by(0), by(1)]
    if (down === 0 && right === 0) return picture
    return warped(picture, { yOf: (y) => y - down, xOf: (_y, x) => x - right })
  },
})

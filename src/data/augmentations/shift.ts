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
  apply(picture, { pixels }, draw) {
    const by = (index: number) => Math.floor(draw(index) * (2 * pixels + 1)) - pixels
    const [down, right] = [by(0), by(1)]
    return down === 0 && right === 0 ? picture : warped(picture, (y, x) => [y - down, x - right])
  },
})

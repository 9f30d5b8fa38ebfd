import { defineAugmentation, warped } from './defineAugmentation.ts'

export default defineAugmentation({
  id: 'rotate',
  order: 3,
  title: 'Rotate',
  summary: 'Turns the image about its centre.',
  fields: {
    degrees: {
      type: 'number',
      label: 'At most',
      help: 'Angle by which it is turned to either side.',
      default: 10,
      min: 0,
      max: 180,
      step: 1,
      unit: '°',
    },
  },
  neutral: { degrees: 0 },
  apply(picture, { degrees }, draw) {
    const angle = ((2 * draw(0) - 1) * degrees * Math.PI) / 180
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
    const [middleY, middleX] = [(picture.height - 1) / 2, (picture.width - 1) / 2]
    return warped(picture, {
      yOf: (y, x) => middleY + cos * (y - middleY) + sin * (x - middleX),
      xOf: (y, x) => middleX - sin * (y - middleY) + cos * (x - middleX),
    })
  },
})

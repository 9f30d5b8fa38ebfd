import { encodeImageSet } from '../../images/imageSet.ts'
import { defineBundled } from '../defineBundled.ts'

const [height, width] = [28, 28]
const classes = [...'0123456789']

export default defineBundled({
  id: 'digits',
  order: 10,
  title: 'Handwritten digits',
  summary: '10,000 of MNIST’s digits, 28 × 28 in grey, with what each of them is.',
  kind: 'images',
  packageName: 'mnist',
  licence: 'MIT',
  async read(files) {
    const images = await Promise.all(
      classes.map(async (digit) => {
        // Shares of white, digit after digit, 28 * 28 numbers each.
        const { data } = JSON.parse(await files.text(`src/digits/${digit}.json`)) as { data: number[] }
        return Uint8Array.from(data, (share) => Math.round(share * 255))
      }),
    )
    const counts = images.map(({ length }) => length / (height * width))
    const count = counts.reduce((sum, own) => sum + own, 0)
    const pixels = new Uint8Array(count * height * width)
    const labels = new Int32Array(count)
    let at = 0
    images.forEach((own, label) => {
      pixels.set(own, at * height * width)
      labels.fill(label, at, (at += counts[label]!))
    })
    return encodeImageSet({ count, height, width, channels: 1, pixels, classes, labels, captions: [] })
  },
})

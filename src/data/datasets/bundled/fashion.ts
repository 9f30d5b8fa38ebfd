import { encodeImageSet } from '../../images/imageSet.ts'
import { defineBundled } from '../defineBundled.ts'

const [height, width] = [28, 28]
/** In the order of their labels (Xiao et al. 2017, https://arxiv.org/abs/1708.07747). */
const classes = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]
/** Of the 7,000 that there are: enough to learn from, and not too much to fetch. */
const perClass = 2000

export default defineBundled({
  id: 'fashion',
  order: 11,
  title: 'Clothes and shoes',
  summary: '20,000 of Fashion-MNIST’s articles, 28 × 28 in grey, with what each of them is.',
  kind: 'images',
  packageName: 'fashion-mnist',
  licence: 'MIT',
  async read(files) {
    const perImage = height * width
    const count = classes.length * perClass
    const pixels = new Uint8Array(count * perImage)
    const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(i / perClass))
    for (let label = 0; label < classes.length; label++) {
      // Images of 784 numbers from 0 to 255.
      const { data } = JSON.parse(await files.text(`src/clothes/${label}.json`)) as { data: number[][] }
      for (let i = 0; i < perClass; i++) pixels.set(data[i]!, (label * perClass + i) * perImage)
    }
    return encodeImageSet({ count, height, width, channels: 1, pixels, classes, labels, captions: [] })
  },
})

import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'

export default defineSampler({
  id: 'shuffled-windows',
  order: 1,
  title: 'Shuffled windows',
  summary:
    'Cuts the text into sequences that do not overlap and shows each once an epoch, in a new order and from a new offset.',
  of: 'windows',
  fields: {},
  starts({ length, batchSize, seqLen, step, microStep, accumulationSteps, seed }) {
    const order = new Generator(seed, 'order')
    // As many as fit from every offset, so that all epochs have the same length.
    const windows = Math.max(1, Math.floor((length - seqLen) / seqLen))
    const offsets = Math.min(seqLen, length - windows * seqLen)
    const first = (step * accumulationSteps + microStep) * batchSize
    return Float64Array.from({ length: batchSize }, (_, row) => {
      const epoch = Math.floor((first + row) / windows)
      const offset = order.below(offsets, epoch, 0)
      return offset + seqLen * permute((first + row) % windows, windows, order, epoch)
    })
  },
})

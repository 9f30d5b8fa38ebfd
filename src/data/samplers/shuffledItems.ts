import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'

export default defineSampler({
  id: 'shuffled-items',
  order: 2,
  title: 'Shuffled items',
  summary: 'For images and rows of tables: shows each item once an epoch, in a new order each time.',
  of: 'items',
  fields: {},
  items({ count, batchSize, step, microStep, accumulationSteps, seed }) {
    const order = new Generator(seed, 'order')
    const first = (step * accumulationSteps + microStep) * batchSize
    return Int32Array.from({ length: batchSize }, (_, row) =>
      permute((first + row) % count, count, order, Math.floor((first + row) / count)),
    )
  },
})

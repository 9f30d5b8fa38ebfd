import { Generator } from '../../core/rng.ts'
import { defineSampler } from './defineSampler.ts'

export default defineSampler({
  id: 'random-windows',
  order: 0,
  title: 'Random windows',
  summary: 'Every sequence begins at a random place: no epochs, every boundary is possible.',
  of: 'windows',
  fields: {},
  starts({ length, batchSize, seqLen, step, microStep, seed }) {
    const order = new Generator(seed, 'order')
    const places = length - seqLen
    return Float64Array.from({ length: batchSize }, (_, row) =>
      order.below(places, step, microStep * batchSize + row),
    )
  },
})

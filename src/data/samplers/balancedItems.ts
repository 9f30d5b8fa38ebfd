import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'
import { placesByClass } from './placesByClass.ts'

export default defineSampler({
  id: 'balanced-items',
  order: 3,
  title: 'Balanced items',
  summary:
    'Every class as often as any other, whatever its size: classes take turns, in a new order each round. Without classes as shuffled.',
  of: 'items',
  fields: {},
  items({ count, labels, batchSize, step, microStep, accumulationSteps, seed }) {
    const order = new Generator(seed, 'order')
    const classes =
      labels === null ? [Int32Array.from({ length: count }, (_, i) => i)] : placesByClass(labels)
    const first = (step * accumulationSteps + microStep) * batchSize
    return Int32Array.from({ length: batchSize }, (_, row) => {
      const draw = first + row
      const round = Math.floor(draw / classes.length)
      const chosen = permute(draw % classes.length, classes.length, order, round)
      const places = classes[chosen]!
      // An epoch of each class has an order of its own, apart from the rounds' and the other classes'.
      const own = new Generator(seed, `order/class ${chosen}`)
      return places[permute(round % places.length, places.length, own, Math.floor(round / places.length))]!
    })
  },
})

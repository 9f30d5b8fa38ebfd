import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'

/** Places of each class that has any, in the order of classes; the labels of a run are one array, so found once. */
const placesOfLabels = new WeakMap<Int32Array, readonly Int32Array[]>()

function placesByClass(labels: Int32Array): readonly Int32Array[] {
  let places = placesOfLabels.get(labels)
  if (places === undefined) {
    const byClass = new Map<number, number[]>()
    labels.forEach((label, place) => {
      const own = byClass.get(label)
      if (own) own.push(place)
      else byClass.set(label, [place])
    })
    places = [...byClass.keys()].sort((a, b) => a - b).map((label) => Int32Array.from(byClass.get(label)!))
    placesOfLabels.set(labels, places)
  }
  return places
}

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

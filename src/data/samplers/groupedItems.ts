import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'
import { placesByClass } from './placesByClass.ts'

/**
 * Several items of each class that a batch has, as losses with many positives want it (Schroff et al. 2015; Khosla et al. 2020): classes
 * in a new order each round, the items of each without replacement.
 */
export default defineSampler({
  id: 'grouped-items',
  order: 5,
  title: 'Groups of items',
  summary:
    'Some items of one class after the other: every batch has several that belong together. Classes are those of the labels, or of equal texts.',
  link: 'https://arxiv.org/abs/1503.03832',
  of: 'items',
  fields: {
    perGroup: {
      type: 'int',
      label: 'Items of a class',
      help: 'How many of one class come together.',
      default: 4,
      min: 2,
      max: 1024,
      unit: 'items',
    },
  },
  items({ count, labels, texts, batchSize, step, microStep, accumulationSteps, seed }, { perGroup }) {
    const order = new Generator(seed, 'order of groups')
    const known = labels ?? texts?.ids ?? null
    const classes = known === null ? [Int32Array.from({ length: count }, (_, i) => i)] : placesByClass(known)
    const first = (step * accumulationSteps + microStep) * batchSize
    return Int32Array.from({ length: batchSize }, (_, row) => {
      const draw = first + row
      const group = Math.floor(draw / perGroup)
      const round = Math.floor(group / classes.length)
      const chosen = permute(group % classes.length, classes.length, order, round)
      const places = classes[chosen]!
      // Which of the class's own draws this is: its groups come once a round.
      const at = round * perGroup + (draw % perGroup)
      const own = new Generator(seed, `order of groups/class ${chosen}`)
      return places[permute(at % places.length, places.length, own, Math.floor(at / places.length))]!
    })
  },
})

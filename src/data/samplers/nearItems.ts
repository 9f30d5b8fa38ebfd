import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler } from './defineSampler.ts'

/**
 * Hard negatives by what the model itself takes for alike (Xiong et al. 2021, ANCE): every second item of a batch is one of the
 * nearest to the item before it, by vectors that are computed anew as the run goes on. Until they first are, as shuffled.
 */
export default defineSampler({
  id: 'near-items',
  order: 7,
  title: 'Near items',
  summary:
    'Every other item is followed by one that the model takes for alike: negatives that are hard for it now. Needs a task that compares pairs.',
  link: 'https://arxiv.org/abs/2007.00808',
  of: 'items',
  fields: {
    refreshEvery: {
      type: 'int',
      label: 'Look every',
      help: 'Updates of the run after which the model looks anew for what is near. It reads all items then.',
      default: 200,
      min: 1,
      max: 1000000,
      scale: 'log',
      unit: 'steps',
    },
    neighbours: {
      type: 'int',
      label: 'Neighbours',
      help: 'Of so many that are nearest to an item one is drawn. Few are the hardest, and may be right answers in disguise.',
      default: 8,
      min: 1,
      max: 64,
      unit: 'items',
    },
  },
  items({ count, neighbours = null, batchSize, step, microStep, accumulationSteps, seed }) {
    const order = new Generator(seed, 'order')
    const partners = new Generator(seed, 'order of partners')
    const first = (step * accumulationSteps + microStep) * batchSize
    const shuffled = (draw: number) => permute(draw % count, count, order, Math.floor(draw / count))
    return Int32Array.from({ length: batchSize }, (_, row) => {
      const draw = first + row
      if (neighbours === null) return shuffled(draw)
      const own = shuffled(draw >> 1)
      if (draw % 2 === 0) return own
      const perItem = neighbours.length / count
      const near = neighbours.subarray(own * perItem, (own + 1) * perItem).filter((place) => place >= 0)
      // One that has none is followed by any other.
      if (near.length === 0) return shuffled(Math.floor(partners.uniform(0, draw) * count))
      return near[Math.floor(partners.uniform(0, draw) * near.length)]!
    })
  },
})

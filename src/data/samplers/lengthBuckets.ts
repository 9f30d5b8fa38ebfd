import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler, type ItemRequest } from './defineSampler.ts'
import shuffledItems from './shuffledItems.ts'

/** Updates whose items are sorted together: enough for batches of nearly one length, few enough to stay mixed. */
const poolUpdates = 32

interface Pool {
  readonly key: string
  /** Places of the items of all its updates, one after the other. */
  readonly places: Int32Array
}

/** The pool that a run is in is asked for once a batch; the lengths of a run are one array. */
const latest = new WeakMap<Int32Array, Pool>()

function poolOf(lengths: Int32Array, request: ItemRequest): Int32Array {
  const { batchSize, accumulationSteps, step, seed } = request
  const size = batchSize * accumulationSteps
  const pool = Math.floor(step / poolUpdates)
  const key = `${seed} ${size} ${pool}`
  const known = latest.get(lengths)
  if (known?.key === key) return known.places
  const whole = { ...request, batchSize: size, accumulationSteps: 1, microStep: 0 }
  const drawn = Array.from({ length: poolUpdates }, (_, i) =>
    shuffled({ ...whole, step: pool * poolUpdates + i }),
  ).flatMap((places) => [...places])
  // As drawn where they are as long.
  const sorted = drawn
    .map((place, at) => ({ place, at }))
    .sort((a, b) => lengths[a.place]! - lengths[b.place]! || a.at - b.at)
  const order = new Generator(seed, 'order of lengths')
  const places = new Int32Array(poolUpdates * size)
  for (let i = 0; i < poolUpdates; i++) {
    const from = size * permute(i, poolUpdates, order, pool)
    for (let row = 0; row < size; row++) places[i * size + row] = sorted[from + row]!.place
  }
  latest.set(lengths, { key, places })
  return places
}

function shuffled(request: ItemRequest): Int32Array {
  if (shuffledItems.of !== 'items') throw new TypeError('Shuffled items: must draw items')
  return shuffledItems.items(request, {})
}

export default defineSampler({
  id: 'length-buckets',
  order: 4,
  title: 'Buckets of lengths',
  summary:
    'As shuffled, but texts of about one length share a batch, which is no longer than they are: less time goes into filling up.',
  of: 'items',
  isCut: true,
  fields: {},
  items(request) {
    const { lengths, batchSize, accumulationSteps, step, microStep } = request
    if (lengths === null) return shuffled(request)
    const places = poolOf(lengths, request)
    const first = ((step % poolUpdates) * accumulationSteps + microStep) * batchSize
    return places.slice(first, first + batchSize)
  },
})

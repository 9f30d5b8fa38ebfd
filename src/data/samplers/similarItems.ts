import { Generator } from '../../core/rng.ts'
import { permute } from '../permute.ts'
import { defineSampler, type ItemRequest } from './defineSampler.ts'

/** Tokens that more items have than this say too little. */
const mostSharing = 64

/** For each item those that share its rarest token, and not its text. */
type Neighbours = readonly (readonly number[])[]

/** The texts of a run are one array. */
const known = new WeakMap<object, Neighbours>()

function neighboursOf({ rows, ids }: NonNullable<ItemRequest['texts']>): Neighbours {
  const found = known.get(ids)
  if (found) return found
  const count = ids.length
  const perItem = rows.length / count
  const having = new Map<number, number[]>()
  const tokensOf = (item: number) => [...new Set(rows.subarray(item * perItem, (item + 1) * perItem))]
  for (let item = 0; item < count; item++)
    for (const token of tokensOf(item)) {
      if (token < 0) continue
      const items = having.get(token)
      if (items) items.push(item)
      else having.set(token, [item])
    }
  const neighbours = Array.from({ length: count }, (_, item) => {
    const others = tokensOf(item)
      .map((token) => (having.get(token) ?? []).filter((other) => ids[other] !== ids[item]))
      .filter(({ length }) => length > 0 && length <= mostSharing)
      .sort((a, b) => a.length - b.length)
    return others[0] ?? []
  })
  known.set(ids, neighbours)
  return neighbours
}

/**
 * Hard negatives by their texts: every second item of a batch is one whose text shares a rare token with the item before
 * it, but is not the same, as Karpukhin et al. (2020) take passages with the question's words.
 */
export default defineSampler({
  id: 'similar-items',
  order: 6,
  title: 'Similar items',
  summary:
    'Every other item is followed by one whose text is alike, but not the same: negatives that are hard to tell from the right answer.',
  link: 'https://arxiv.org/abs/2004.04906',
  of: 'items',
  fields: {},
  items({ count, texts, batchSize, step, microStep, accumulationSteps, seed }) {
    const order = new Generator(seed, 'order')
    const partners = new Generator(seed, 'order of partners')
    const first = (step * accumulationSteps + microStep) * batchSize
    const neighbours = texts === null ? null : neighboursOf(texts)
    const shuffled = (draw: number) => permute(draw % count, count, order, Math.floor(draw / count))
    return Int32Array.from({ length: batchSize }, (_, row) => {
      const draw = first + row
      if (neighbours === null) return shuffled(draw)
      const own = shuffled(draw >> 1)
      const others = neighbours[own]!
      if (draw % 2 === 0) return own
      // One that has none is followed by any other.
      if (others.length === 0) return shuffled(Math.floor(partners.uniform(0, draw) * count))
      return others[Math.floor(partners.uniform(0, draw) * others.length)]!
    })
  },
})

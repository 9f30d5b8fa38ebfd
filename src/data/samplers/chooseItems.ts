import type { ItemSource } from './defineSampler.ts'

/** By the places: whoever chooses keeps them as long as they are the same, and samplers keep by what they are given. */
const known = new WeakMap<Int32Array, ItemSource>()

/** Only the items at these places, as if there were no others: item i is that at `places[i]`. */
export function chooseItems(all: ItemSource, places: Int32Array): ItemSource {
  let own = known.get(places)
  if (own === undefined) known.set(places, (own = gathered(all, places)))
  const { neighbours = null, count } = all
  return neighbours === null ? own : { ...own, neighbours: neighboursAmong(neighbours, places, count) }
}

/** The latest of each set of neighbours: as long as neither changes, they are the same. */
const among = new WeakMap<Int32Array, { readonly places: Int32Array; readonly own: Int32Array }>()

/** Neighbours of the chosen items that are chosen too, by their numbers among these. */
function neighboursAmong(neighbours: Int32Array, places: Int32Array, count: number): Int32Array {
  const latest = among.get(neighbours)
  if (latest?.places === places) return latest.own
  const numbers = new Int32Array(count).fill(-1)
  places.forEach((place, i) => (numbers[place] = i))
  const perItem = neighbours.length / count
  const own = new Int32Array(places.length * perItem).fill(-1)
  places.forEach((place, i) => {
    const near = neighbours.subarray(place * perItem, (place + 1) * perItem)
    own.set(
      near.map((other) => (other < 0 ? -1 : numbers[other]!)).filter((number) => number >= 0),
      i * perItem,
    )
  })
  among.set(neighbours, { places, own })
  return own
}

function gathered({ count, labels, lengths, texts }: ItemSource, places: Int32Array): ItemSource {
  const pick = (values: Int32Array) => places.map((place) => values[place]!)
  return {
    count: places.length,
    labels: labels && pick(labels),
    lengths: lengths && pick(lengths),
    texts: texts && { rows: pickRows(texts.rows, count, places), ids: pick(texts.ids) },
  }
}

function pickRows(rows: Int32Array, count: number, places: Int32Array): Int32Array {
  const perItem = rows.length / count
  const out = new Int32Array(places.length * perItem)
  places.forEach((place, i) => out.set(rows.subarray(place * perItem, (place + 1) * perItem), i * perItem))
  return out
}

import type { ItemSource } from './defineSampler.ts'

/** By the places: whoever chooses keeps them as long as they are the same, and samplers keep by what they are given. */
const known = new WeakMap<Int32Array, ItemSource>()

/** Only the items at these places, as if there were no others: item i is that at `places[i]`. */
export function chooseItems(all: ItemSource, places: Int32Array): ItemSource {
  let own = known.get(places)
  if (own === undefined) known.set(places, (own = gathered(all, places)))
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

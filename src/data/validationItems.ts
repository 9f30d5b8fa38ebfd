/**
 * Batch `index` of `count`: the same items in every run, so that numbers compare. With room for all of them each is taken once,
 * in order, and the last batch is filled up from the beginning; else they are spread evenly over the part.
 */
export function validationPlaces(request: {
  items: number
  index: number
  count: number
  batchSize: number
}): { places: Int32Array; validItems: number } {
  const { items, index, count, batchSize } = request
  const room = count * batchSize
  const first = index * batchSize
  if (items <= room) {
    const places = Int32Array.from({ length: batchSize }, (_, row) => (first + row) % items)
    return { places, validItems: Math.min(batchSize, items - first) }
  }
  const places = Int32Array.from({ length: batchSize }, (_, row) =>
    Math.floor(((first + row) * items) / room),
  )
  return { places, validItems: batchSize }
}

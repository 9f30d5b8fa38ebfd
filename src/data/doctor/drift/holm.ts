/**
 * p-values made larger so that all are true together as often as one would be (Holm 1979); null stays, and counts for none.
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const order = [...values.keys()].filter((i) => values[i] !== null).sort((x, y) => values[x]! - values[y]!)
  const out = [...values]
  let largest = 0
  order.forEach((place, rank) => {
    largest = Math.max(largest, Math.min(1, values[place]! * (order.length - rank)))
    out[place] = largest
  })
  return out
}

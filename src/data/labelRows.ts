import type { Part } from '../core/prepared.ts'

/** After the last label of an item. */
export const noLabel = -1

/** Of some items, 1 where they have a label, else 0: [B, numLabels]. */
export function labelRows(sets: Int32Array, rows: number, numLabels: number): Float32Array {
  const most = sets.length / rows
  const out = new Float32Array(rows * numLabels)
  sets.forEach((label, i) => {
    if (label !== noLabel) out[Math.floor(i / most) * numLabels + label] = 1
  })
  return out
}

/** The labels of an item of a part; null where its items have no sets of them. */
export function labelsAt({ arrays, count }: Part, place: number): number[] | null {
  const { labelSets } = arrays
  if (labelSets === undefined) return null
  const most = labelSets.length / count
  return [...labelSets.subarray(place * most, (place + 1) * most)].filter((label) => label !== noLabel)
}

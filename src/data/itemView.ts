import type { Coding, ColumnCoding, Part } from '../core/prepared.ts'
import type { ItemView } from '../core/taskView.ts'
import { standsFor } from './standsFor.ts'
import { textAt } from './textAt.ts'
import { widthOf } from './table/columns.ts'

/** An item of a part as people see it: its picture, or the cells of its row; null where there is neither. */
export function itemView(part: Part, place: number, coding: Coding): ItemView | null {
  const { arrays, count } = part
  const { facts, table } = coding
  const { pixels, features } = arrays
  if (facts.image !== undefined && pixels instanceof Uint8Array) {
    const perItem = pixels.length / count
    const own = pixels.slice(place * perItem, (place + 1) * perItem)
    const picture = { kind: 'picture', ...facts.image, pixels: own } as const
    const caption = textAt(part, place, coding, 'texts')
    return caption === null ? picture : { ...picture, caption }
  }
  if (table === undefined || !(features instanceof Float32Array)) return null
  const perItem = features.length / count
  let at = place * perItem
  const cells = table.inputs.map((coding) => {
    const own = features.subarray(at, (at += widthOf(coding)))
    return [coding.name, cellOf(coding, own)] as const
  })
  const text = textAt(part, place, coding, 'texts')
  return { kind: 'row', cells: text === null ? cells : [['text', text], ...cells] }
}

/** A missing number stands as the mean that took its place. */
function cellOf(coding: ColumnCoding, numbers: Float32Array): string {
  if (coding.kind === 'number') {
    return standsFor(numbers[0]!, coding)
  }
  const chosen = numbers.indexOf(1)
  return coding.kind === 'text' || chosen < 0 ? '' : coding.values[chosen]!
}

import { pixelKeys } from '../../images/pixelKeys.ts'
import type { DoctorSet } from '../doctorSet.ts'

/** What an item holds beside its label and part, as a key that equal items share; empty for one that holds nothing. */
export function contentKeys(set: DoctorSet): string[] {
  const { images } = set
  if (images !== null) return pixelKeys(images)
  const inputs = set.columns.filter(({ name, cells }) => name !== set.labels?.name && cells !== set.parts)
  return Array.from({ length: set.count }, (_, item) => {
    const cells = inputs.map((column) => column.cells[item]!)
    return cells.every((cell) => cell === '') ? '' : JSON.stringify(cells)
  })
}

import { sha256Hex } from '../../../core/sha256.ts'
import type { DoctorSet } from '../doctorSet.ts'

/** What an item holds beside its label and part, as a key that equal items share; empty for one that holds nothing. */
export function contentKeys(set: DoctorSet): string[] {
  const { images } = set
  if (images !== null) {
    const perImage = images.height * images.width * images.channels
    return Array.from({ length: set.count }, (_, item) =>
      sha256Hex(images.pixels.subarray(item * perImage, (item + 1) * perImage)),
    )
  }
  const inputs = set.columns.filter(({ name, cells }) => name !== set.labels?.name && cells !== set.parts)
  return Array.from({ length: set.count }, (_, item) => {
    const cells = inputs.map((column) => column.cells[item]!)
    return cells.every((cell) => cell === '') ? '' : JSON.stringify(cells)
  })
}

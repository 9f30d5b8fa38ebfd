import type { SplitItems } from '../splits/parts/splitItems.ts'
import type { ImageSet } from './imageSet.ts'
import { pixelKeys } from './pixelKeys.ts'

/** Pictures as splits see them, before they are brought to a size: whatever that is, the same ones are held out. */
export function splitPictures(set: ImageSet): SplitItems {
  const { count, classes, labels, captions, groups = [], parts = [] } = set
  const known = { group: groups, part: parts, caption: captions }
  return {
    count,
    labels: classes.length > 0 ? labels : null,
    numbers: null,
    columns: Object.entries(known).flatMap(([name, cells]) => (cells.length > 0 ? [name] : [])),
    cells: (column) => known[column as keyof typeof known],
    contents: () => pixelKeys(set),
  }
}

import { counted } from '../../../core/counted.ts'
import type { SplitItems, Dealt, Side } from './splitItems.ts'

/**
 * Sides that something else has decided, without leaks: what is held out stays so, and an item of the training part that
 * holds the same as one held out is left out.
 * @param column tells the sides, so it is no content
 * @param isHeldOut by place, for items that are not trained on
 */
export function decontaminated(
  items: SplitItems,
  column: string,
  sides: readonly Side[],
  isHeldOut: (item: number) => boolean,
): Dealt {
  const contents = items.contents(column)
  const heldOut = new Set(contents.filter((key, item) => key !== '' && isHeldOut(item)))
  let copies = 0
  const kept = sides.map((side, item): Side => {
    if (side !== 'train' || !heldOut.has(contents[item]!)) return side
    copies++
    return 'neither'
  })
  const holding = copies === 1 ? 'it holds' : 'they hold'
  const notices =
    copies === 0
      ? []
      : [
          `${counted(copies, 'item is', 'items are')} not trained on, since ${holding} the same as others that are held out.`,
        ]
  return { sides: kept, notices }
}

import type { DataConfig } from '../core/runConfig.ts'
import { requireSplit } from './splits/registry.ts'
import type { Side, SplitItems } from './splits/parts/splitItems.ts'

export interface SplitPlaces {
  readonly train: Int32Array
  readonly validation: Int32Array
  /** Empty where the split keeps none. */
  readonly test: Int32Array
  /** What a person should know of the split, in whole sentences. */
  readonly notices: readonly string[]
}

/** Places of the items of all parts, each in order. Throws what the split throws, and `split-kind`. */
export function splitItems(items: SplitItems, config: DataConfig['split'], seed: number): SplitPlaces {
  const split = requireSplit(config, 'items')
  const places = Int32Array.from({ length: items.count }, (_, place) => place)
  if (split.of === 'items') {
    const { sides, notices } = split.deal(items, config, seed)
    const of = (side: Side) => places.filter((place) => sides[place] === side)
    return { train: of('train'), validation: of('validation'), test: of('test'), notices }
  }
  const isKept = new Uint8Array(items.count)
  for (const { start, end } of split.validation(items.count, config, seed)) isKept.fill(1, start, end)
  return {
    train: places.filter((place) => isKept[place] === 0),
    validation: places.filter((place) => isKept[place] === 1),
    test: new Int32Array(0),
    notices: [],
  }
}

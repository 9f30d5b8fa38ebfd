import { DataError } from '../../core/errors.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { CuttingSplit, SplitKind } from './defineSplit.ts'
import type { SplitItems } from './parts/splitItems.ts'

export const splits = createOrderedRegistry<SplitKind>(
  'splits',
  import.meta.glob<{ default: SplitKind }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineSplit.ts'],
    {
      eager: true,
    },
  ),
)

/** Throws `split-kind` where it cannot cut such data. */
export function requireSplit(config: DataConfig['split'], of: 'text'): CuttingSplit
export function requireSplit(config: DataConfig['split'], of: 'text' | 'items'): SplitKind
export function requireSplit({ kind }: DataConfig['split'], of: 'text' | 'items'): SplitKind {
  const split = splits.get(kind)
  if (split.of === 'any' || split.of === of) return split
  const fitting = splits.all.filter((other) => other.of === 'any' || other.of === of)
  const data = of === 'text' ? 'a text' : 'a set of items'
  throw new DataError(`Split: “${split.title}” cannot cut ${data}`, {
    code: 'split-kind',
    remedy: `Choose ${fitting.map(({ title }) => `“${title}”`).join(' or ')}.`,
  })
}

/** Ids of the splits that have what they go by; `items` is null for a text. */
export function splitsFor(items: SplitItems | null): string[] {
  const fitting = splits.all.filter((split) =>
    split.of === 'items' ? items !== null && split.fits(items) : items === null || split.of === 'any',
  )
  return fitting.map(({ id }) => id)
}

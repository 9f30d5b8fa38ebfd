import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { SplitKind } from './defineSplit.ts'

export const splits = createOrderedRegistry<SplitKind>(
  'splits',
  import.meta.glob<{ default: SplitKind }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineSplit.ts'],
    {
      eager: true,
    },
  ),
)

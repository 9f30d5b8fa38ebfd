import { createRegistry } from '../../core/registry.ts'
import { catalogEntries } from '../ops/catalogEntries.ts'
import type { LossSpec } from './defineLoss.ts'

export const losses = createRegistry(
  'Loss',
  import.meta.glob<{ default: LossSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineLoss.ts',
      '!./lossInputs.ts',
      '!./balance.ts',
      '!./checkLosses.ts',
      '!./stageMemory.ts',
      '!./weightedSum.ts',
    ],
    { eager: true },
  ),
)

export const lossEntries = catalogEntries(losses.all, 'cross-entropy')

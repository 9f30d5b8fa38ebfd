import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { Difficulty } from './defineDifficulty.ts'

export const difficulties = createOrderedRegistry<Difficulty>(
  'difficulties',
  import.meta.glob<{ default: Difficulty }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineDifficulty.ts',
      '!./competence.ts',
      '!./easiest.ts',
      '!./curriculum.ts',
      '!./runGrowth.ts',
    ],
    { eager: true },
  ),
)

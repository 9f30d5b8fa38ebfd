import { createRegistry } from '../../core/registry.ts'
import { catalogEntries } from '../ops/catalogEntries.ts'
import type { OptimizerSpec } from './defineOptimizer.ts'

export const optimizers = createRegistry(
  'Optimizer',
  import.meta.glob<{ default: OptimizerSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./selfTest.ts',
      '!./defineOptimizer.ts',
      '!./updater.ts',
      '!./updaterLayout.ts',
      '!./wholeUpdater.ts',
      '!./components.ts',
      '!./decay.ts',
      '!./fields.ts',
    ],
    { eager: true },
  ),
)

export const optimizerEntries = catalogEntries(optimizers.all, 'adamw')

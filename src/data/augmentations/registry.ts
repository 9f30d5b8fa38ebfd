import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { Augmentation } from './defineAugmentation.ts'

export const augmentations = createOrderedRegistry<Augmentation>(
  'augmentations',
  import.meta.glob<{ default: Augmentation }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineAugmentation.ts', '!./augment.ts'],
    { eager: true },
  ),
)

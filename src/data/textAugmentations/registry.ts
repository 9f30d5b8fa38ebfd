import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { TextAugmentation } from './defineTextAugmentation.ts'

export const textAugmentations = createOrderedRegistry<TextAugmentation>(
  'text augmentations',
  import.meta.glob<{ default: TextAugmentation }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineTextAugmentation.ts',
      '!./augmentText.ts',
      '!./onText.ts',
    ],
    { eager: true },
  ),
)

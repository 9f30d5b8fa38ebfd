import { createRegistry } from '../../core/registry.ts'
import { catalogEntries } from '../ops/catalogEntries.ts'
import type { ModelSpec } from './defineModel.ts'

export const models = createRegistry(
  'Model',
  import.meta.glob<{ default: ModelSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineModel.ts',
      '!./*Fields.ts',
      '!./seqLenOf.ts',
      '!./hubWeights.ts',
      '!./modelInputs.ts',
      '!./parameterCount.ts',
    ],
    { eager: true },
  ),
)

export const modelEntries = catalogEntries(models.all, 'gpt')

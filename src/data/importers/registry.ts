import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { Importer } from './defineImporter.ts'

export const importers = createOrderedRegistry<Importer>(
  'importers',
  import.meta.glob<{ default: Importer }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineImporter.ts'],
    {
      eager: true,
    },
  ),
)

import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { Container } from './defineContainer.ts'

export const containers = createOrderedRegistry<Container>(
  'containers',
  import.meta.glob<{ default: Container }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineContainer.ts', '!./unpacked.ts'],
    { eager: true },
  ),
)

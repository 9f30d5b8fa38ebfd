import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { Check } from './defineCheck.ts'

export const checks = createOrderedRegistry<Check>(
  'Check',
  import.meta.glob<{ default: Check }>(['./checks/*.ts', '!./checks/*.test.ts'], { eager: true }),
)

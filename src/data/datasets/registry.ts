import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { BundledSet } from './defineBundled.ts'

export const bundledSets = createOrderedRegistry<BundledSet>(
  'bundled data sets',
  import.meta.glob<{ default: BundledSet }>(['./bundled/*.ts', '!./bundled/*.test.ts'], { eager: true }),
)

import { createRegistry } from '../../src/core/registry.ts'
import type { Kind } from './defineKind.ts'
import type { JsonRecord } from './json.ts'

export const kinds = createRegistry(
  'Golden kind',
  import.meta.glob<{ default: Kind }>(['./kinds/*.ts', '!./kinds/*.test.ts'], { eager: true }),
)

/** The kind of a file, or null where none is mapped. */
export function kindOf(file: JsonRecord): Kind | null {
  return kinds.all.find((kind) => kind.isFor(file)) ?? null
}

import { createRegistry, type Registry } from '../core/registry.ts'

export interface Ordered {
  readonly id: string
  /** Place in lists; the first is what an unset choice falls to. */
  readonly order: number
}

/** As `createRegistry`, with `all` sorted by `order` instead of by file name. */
export function createOrderedRegistry<T extends Ordered>(
  what: string,
  modules: Record<string, { default: T }>,
): Registry<T> {
  const registry = createRegistry(what, modules)
  const all = [...registry.all].sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  return { all, get: (id) => registry.get(id) }
}

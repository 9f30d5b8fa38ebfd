import { BunsenError } from './errors.ts'
import { nearestName } from './schema.ts'

/** Things found by a glob of a folder, by id. */
export interface Registry<T extends { readonly id: string }> {
  readonly all: readonly T[]
  /** Throws `unknown-name` with the nearest id. */
  get(id: string): T
}

/**
 * Makes a registry from an eager `import.meta.glob` of modules with a default export. Throws on a duplicate id, so
 * that two things can never share a name.
 */
export function createRegistry<T extends { readonly id: string }>(
  what: string,
  modules: Record<string, { default?: T }>,
): Registry<T> {
  const byId = new Map<string, T>()
  for (const [path, module] of Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const spec = module.default
    if (spec === undefined) {
      throw new BunsenError(`${what} registry: ${path} has no default export`, {
        code: 'no-default-export',
        remedy: 'Export the thing as default, or leave the file out of the glob.',
      })
    }
    if (byId.has(spec.id)) {
      throw new BunsenError(`${what} registry: id "${spec.id}" is used twice, second time in ${path}`, {
        code: 'duplicate-id',
        remedy: 'Give one of them another id.',
      })
    }
    byId.set(spec.id, spec)
  }
  return {
    all: [...byId.values()],
    get(id) {
      const spec = byId.get(id)
      if (spec) return spec
      const near = nearestName(id, [...byId.keys()])
      throw new BunsenError(`${what}: there is none called "${id}"`, {
        code: 'unknown-name',
        remedy: near === null ? `Known: ${[...byId.keys()].join(', ')}.` : `Did you mean ${near}?`,
      })
    },
  }
}

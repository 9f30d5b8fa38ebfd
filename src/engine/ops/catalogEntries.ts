import type { CatalogEntry } from '../../core/catalog.ts'

/**
 * What a registry tells the page: plain data without the functions, so that it can cross to another thread. `firstId`
 * comes first, which makes it the default of the run's configuration; the others follow in the registry's order.
 */
export function catalogEntries(specs: readonly CatalogEntry[], firstId: string): CatalogEntry[] {
  const ordered = [...specs.filter(({ id }) => id === firstId), ...specs.filter(({ id }) => id !== firstId)]
  return ordered.map(({ id, title, summary, link, fields }) => ({
    id,
    title,
    summary,
    ...(link === undefined ? {} : { link }),
    fields,
  }))
}

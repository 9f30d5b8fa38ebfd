import type { CatalogEntry } from '../catalog.ts'
import type { Fields } from '../schema.ts'

/** Registered things as the members of a tagged union. `wrap` puts their fields where the union wants them. */
export function variantOptions(
  entries: readonly CatalogEntry[],
  wrap: (fields: Fields) => Fields = (fields) => fields,
) {
  return entries.map(({ id, title, summary, link, dataKinds, fields }) => ({
    value: id,
    label: title,
    help: summary,
    ...(link === undefined ? {} : { link }),
    ...(dataKinds === undefined ? {} : { dataKinds }),
    fields: wrap(fields),
  }))
}

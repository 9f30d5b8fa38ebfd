import type { Catalog, CatalogEntry, DataKind } from '../core/catalog.ts'
import { augmentations } from './augmentations/registry.ts'
import { difficulties } from './curricula/registry.ts'
import { samplers } from './samplers/registry.ts'
import { textAugmentations } from './textAugmentations/registry.ts'
import { splits } from './splits/registry.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transforms } from './transforms/registry.ts'

/** The plain part of a registered thing, so that it crosses a worker's border. */
export function catalogEntry({ id, title, summary, link, fields }: CatalogEntry): CatalogEntry {
  return { id, title, summary, ...(link === undefined ? {} : { link }), fields }
}

const kindsOf: Readonly<Record<'text' | 'windows' | 'items' | 'any', readonly DataKind[] | null>> = {
  text: ['text'],
  windows: ['text'],
  items: ['images', 'table'],
  any: null,
}

/** With the kinds of data that it can cut up. */
function cuttingEntry(kind: CatalogEntry & { readonly of: keyof typeof kindsOf }): CatalogEntry {
  const dataKinds = kind.dataKinds ?? kindsOf[kind.of]
  return { ...catalogEntry(kind), ...(dataKinds === null ? {} : { dataKinds }) }
}

/** The data layer's share of the catalog; bundled sets come from `virtual:bundled-data`. */
export function dataCatalog(): Pick<
  Catalog,
  'tokenizers' | 'transforms' | 'augmentations' | 'textAugmentations' | 'splits' | 'samplers' | 'difficulties'
> {
  return {
    tokenizers: tokenizers.all.map(catalogEntry),
    transforms: transforms.all.map(catalogEntry),
    augmentations: augmentations.all.map(catalogEntry),
    textAugmentations: textAugmentations.all.map(catalogEntry),
    splits: splits.all.map(cuttingEntry),
    samplers: samplers.all.map(cuttingEntry),
    difficulties: difficulties.all.map((kind) => ({
      ...catalogEntry(kind),
      ...(kind.dataKinds && { dataKinds: kind.dataKinds }),
    })),
  }
}

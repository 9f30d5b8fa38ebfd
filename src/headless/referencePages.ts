import { createCatalog } from '../../workers/catalog.ts'
import { createRunSchema } from '../core/runConfig.ts'
import { losses } from '../engine/losses/registry.ts'
import { presets } from '../runs/presets/registry.ts'
import { configurationPage } from './configurationPage.ts'
import { lossesPage } from './lossesPage.ts'

/** Pages of the docs that are made from what is registered. */
export const referencePages: readonly { readonly path: string; make(): string }[] = [
  {
    path: 'docs/configuration.md',
    make: () => configurationPage(createRunSchema(createCatalog()), presets),
  },
  { path: 'docs/losses.md', make: () => lossesPage(losses.all) },
]

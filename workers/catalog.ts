import { bundled } from 'virtual:bundled-data'
import type { Catalog } from '../src/core/catalog.ts'
import { dataCatalog } from '../src/data/catalog.ts'
import { losses } from '../src/engine/losses/registry.ts'
import { models } from '../src/engine/models/registry.ts'
import { catalogEntries } from '../src/engine/ops/catalogEntries.ts'
import { optimizers } from '../src/engine/optim/registry.ts'
import { schedules } from '../src/engine/optim/schedules/registry.ts'
import { taskEntries } from '../src/engine/tasks/registry.ts'

/** All that is registered, as plain data. The first of each kind is the schema's default. */
export function createCatalog(): Catalog {
  return {
    tasks: taskEntries,
    models: catalogEntries(models.all, 'gpt'),
    losses: catalogEntries(losses.all, 'cross-entropy'),
    optimizers: catalogEntries(optimizers.all, 'adamw'),
    schedules: catalogEntries(schedules.all, 'cosine'),
    ...dataCatalog(),
    bundled,
  }
}

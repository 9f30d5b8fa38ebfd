import type { TaskEntry } from '../../core/catalog.ts'
import { createRegistry } from '../../core/registry.ts'
import { catalogEntries } from '../ops/catalogEntries.ts'
import type { TaskSpec } from './defineTask.ts'

export const tasks = createRegistry(
  'Task',
  import.meta.glob<{ default: TaskSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineTask.ts',
      '!./checkConfig.ts',
      '!./checkFacts.ts',
      '!./parts/*.ts',
    ],
    { eager: true },
  ),
)

/** Plain data, for the page: the language model first, which makes it the default of the run's configuration. */
export const taskEntries: TaskEntry[] = catalogEntries(tasks.all, 'language-model').map((entry) => {
  const { dataKinds, canWrite, writing, pairs, guesses = null, models, losses, metrics } = tasks.get(entry.id)
  const can = { canWrite, isRewriting: writing !== undefined, canSearch: pairs !== undefined, guesses }
  return { ...entry, dataKinds, ...can, models, losses, metrics }
})

import type { TaskEntry } from '../../core/catalog.ts'
import { createRegistry } from '../../core/registry.ts'
import type { TaskSpec } from './defineTask.ts'

export const tasks = createRegistry(
  'Task',
  import.meta.glob<{ default: TaskSpec }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineTask.ts', '!./checkConfig.ts'],
    { eager: true },
  ),
)

/** Plain data, for the page. */
export const taskEntries: TaskEntry[] = tasks.all.map(
  ({ id, title, summary, link, fields, dataKinds, models, losses, metrics }) => ({
    id,
    title,
    summary,
    ...(link === undefined ? {} : { link }),
    fields,
    dataKinds,
    models,
    losses,
    metrics,
  }),
)

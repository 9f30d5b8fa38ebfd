import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { tasks } from './registry.ts'

/** Throws `data-unfit` where a data set does not have what the task of a config needs. */
export function checkFacts(config: RunConfig, facts: DataFacts): void {
  const task = tasks.get(config.task)
  const lack = task.lack(facts)
  if (lack === null) return
  throw new DataError(`${task.title}: ${lack}`, {
    code: 'data-unfit',
    remedy: 'Choose another data set, or the task that this one is for.',
  })
}

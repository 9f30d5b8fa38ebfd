import type { DataKind } from '../../core/catalog.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { tasks } from './registry.ts'

/** Throws `data-unfit` where a data set does not have what the task of a config needs. */
export function checkFacts(config: RunConfig, facts: DataFacts): void {
  const task = tasks.get(config.task)
  const lack = task.lack(facts, config)
  if (lack === null) return
  throw new DataError(`${task.title}: ${lack}`, {
    code: 'data-unfit',
    remedy: 'Choose another data set, or the task that this one is for.',
  })
}

const named: Record<DataKind, string> = { text: 'a text', images: 'pictures', table: 'a table' }

/** Throws `data-unfit` where data of this kind are none for the task of a config. To be asked before they are prepared. */
export function checkDataKind(config: RunConfig, kind: DataKind): void {
  const task = tasks.get(config.task)
  if (task.dataKinds.includes(kind)) return
  const able = tasks.all.filter(({ dataKinds }) => dataKinds.includes(kind)).map(({ id }) => id)
  const wanted = task.dataKinds.map((each) => named[each]).join(' or ')
  throw new DataError(`${task.title}: must have ${wanted} to learn from, got ${named[kind]}`, {
    code: 'data-unfit',
    remedy: `Choose other data, or a task for these: ${able.join(', ')}.`,
  })
}

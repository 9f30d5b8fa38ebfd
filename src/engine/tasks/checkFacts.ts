import type { DataKind } from '../../core/catalog.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { InputKind } from '../losses/lossInputs.ts'
import { losses } from '../losses/registry.ts'
import type { TaskSpec } from './defineTask.ts'
import { tasks } from './registry.ts'

/** Throws `data-unfit` where a data set does not have what the task of a config needs. */
export function checkFacts(config: RunConfig, facts: DataFacts): void {
  const task = tasks.get(config.task)
  const lack = task.lack(facts, config) ?? lackOfLosses(config, facts, task)
  if (lack === null) return
  throw new DataError(`${task.title}: ${lack}`, {
    code: 'data-unfit',
    remedy: 'Choose another data set, another loss, or the task that this one is for.',
  })
}

/** Kinds of input that tasks make from labels, where they do not need them themselves. */
const labelledKinds: readonly InputKind[] = ['labelled', 'labelledPairs']

function lackOfLosses({ stages }: RunConfig, facts: DataFacts, task: TaskSpec): string | null {
  for (const [i, stage] of stages.entries())
    for (const loss of stage.losses) {
      const lack = lackOf(loss, facts, task)
      if (lack !== null) return `stages[${i}].losses: ${loss.name} ${lack}`
    }
  return null
}

function lackOf(
  { name, params }: StageConfig['losses'][number],
  { classes = [], classCounts, labelShares }: DataFacts,
  { guesses, hasTwoClasses = false, hasLabelSets = false }: TaskSpec,
): string | null {
  const { accepts, asksForCounts } = losses.get(name)
  if (labelledKinds.includes(accepts) && classes.length === 0)
    return 'needs items with labels, and these have none'
  if (accepts === 'binary' && !hasTwoClasses && !hasLabelSets && classes.length !== 2)
    return `asks a question of yes or no, for which there must be 2 classes, got ${classes.length}`
  const isCounted = hasLabelSets
    ? labelShares !== undefined
    : guesses === 'classes' && classCounts !== undefined
  if (asksForCounts(params) && !isCounted)
    return 'is to weigh classes by how many items each has, which nobody counted here: set its weights to none'
  return null
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

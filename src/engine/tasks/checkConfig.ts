import { lossMetrics } from '../../core/catalog.ts'
import { anyFacts } from '../../core/dataFacts.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { textTasks } from '../../core/runFields/growthFields.ts'
import type { Issue } from '../../core/schema.ts'
import { readSynonymLines } from '../../core/synonymLines.ts'
import { checkLosses } from '../losses/checkLosses.ts'
import type { ModelSpec } from '../models/defineModel.ts'
import { models } from '../models/registry.ts'
import { checkComponents } from '../optim/components.ts'
import { tasks } from './registry.ts'

/**
 * What a config asks for that does not go together, though each setting is in its range: task with model and losses,
 * settings of the model, components with its weights. Empty when a session can be made of it. Cheap: no tensors.
 */
export function checkConfig(config: RunConfig): Issue[] {
  const task = tasks.get(config.task)
  const issues: Issue[] = []
  const refuse = (path: Issue['path'], got: string, known: readonly string[]) =>
    issues.push({ path, message: `must fit the task ${task.id}: one of ${known.join(', ')}, got ${got}` })
  if (!task.models.includes(config.model.kind)) refuse(['model', 'kind'], config.model.kind, task.models)
  config.stages.forEach((stage, i) => {
    stage.losses.forEach(({ name }, j) => {
      if (!task.losses.includes(name)) refuse(['stages', i, 'losses', j, 'name'], name, task.losses)
    })
    const monitors = [...lossMetrics, ...task.metrics.map(({ name }) => name)]
    if (!monitors.includes(stage.monitor)) refuse(['stages', i, 'monitor'], stage.monitor, monitors)
    if (stage.losses.every(({ weight }) => weight === 0)) {
      issues.push({
        path: ['stages', i, 'losses'],
        message: 'must have a loss whose weight is not 0, got none',
      })
    }
  })
  issues.push(...task.check(config), ...checkLosses(config))
  issues.push(...uselessGrowth(config), ...badSynonyms(config))
  const model = models.get(config.model.kind)
  issues.push(
    ...model.check(config.model).map(({ path, message }) => ({ path: ['model', ...path], message })),
  )
  config.stages.forEach(({ towerBalance }, i) => {
    if (towerBalance.kind !== 'none' && model.towers.length < 2)
      issues.push({
        path: ['stages', i, 'towerBalance', 'kind'],
        message: `must be none: ${model.title} has no two towers, got ${towerBalance.kind}`,
      })
  })
  issues.push(...needlessOf(config, model))
  if (issues.length > 0) return issues
  const facts = anyFacts(32 * model.imageUnit(config.model))
  const names = model.parameters(config.model, task.sizes(facts, config)).map(({ name }) => name)
  return config.stages.flatMap((stage, i) => checkComponents(stage.components, names, ['stages', i]))
}

/** What would grow, of the run or of a stage, where there is nothing that could. */
function uselessGrowth({ data, stages, task }: RunConfig): Issue[] {
  const isAugmented = data.augmentations.length + data.textAugmentations.length > 0
  const hasTexts = textTasks.some((id) => id === task)
  const places = [
    { path: ['data'], ...data },
    ...stages.map((stage, i) => ({ path: ['stages', i], ...stage })),
  ]
  return places.flatMap(({ path, severity, curriculum: { kind } }): Issue[] => [
    ...(severity.kind === 'growing' && !isAugmented
      ? [
          {
            path: [...path, 'severity', 'kind'],
            message: 'must be full where nothing is augmented, got growing; add an augmentation',
          },
        ]
      : []),
    ...(kind !== 'none' && kind !== 'run' && !hasTexts
      ? [
          {
            path: [...path, 'curriculum', 'kind'],
            message: `must be none: the task ${task} has no texts to compare, got ${kind}`,
          },
        ]
      : []),
  ])
}

/** Lines of a person's own synonyms that say nothing sound, by their numbers; and none where they are asked for. */
function badSynonyms({ data }: RunConfig): Issue[] {
  return data.textAugmentations.flatMap(({ source, own }, i): Issue[] => {
    if (typeof own !== 'string' || source === 'wordnet') return []
    const { others, bad } = readSynonymLines(own)
    const path = ['data', 'textAugmentations', i, 'own']
    if (others.size === 0 && bad.length === 0)
      return [{ path, message: 'must have a line such as “quick: fast, rapid”, got none; or take WordNet' }]
    return bad.map(({ line, message }) => ({ path, message: `line ${line}: ${message}` }))
  })
}

/** What works on transformer blocks would do nothing without them, and say nothing. */
function needlessOf({ memory, model, stages }: RunConfig, { hasBlocks, title }: ModelSpec): Issue[] {
  const mixed = (why: string): Issue[] =>
    stages.flatMap(({ precision }, i): Issue[] =>
      precision === 'mixed'
        ? [{ path: ['stages', i, 'precision'], message: `must be float32: ${why}, got mixed` }]
        : [],
    )
  // What lies between a norm and the stream is stored in 16 bits, and with norms at the end of parts nothing does.
  if (hasBlocks)
    return model['normPlace'] === 'post'
      ? mixed('with norms after parts (model.normPlace post) nothing is stored in 16 bits; choose pre')
      : []
  const why = `${title} has no transformer blocks`
  const message = `must be auto or off where there is nothing to compute again: ${why}, got on`
  const isRecomputed = memory.gradientCheckpointing === 'on'
  return [...(isRecomputed ? [{ path: ['memory', 'gradientCheckpointing'], message }] : []), ...mixed(why)]
}

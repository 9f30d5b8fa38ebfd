import type { Catalog } from './catalog.ts'
import { ConfigError } from './errors.ts'
import { dataField } from './runFields/dataField.ts'
import { evaluationField } from './runFields/evaluationField.ts'
import { kernelsField } from './runFields/kernelsField.ts'
import { memoryField } from './runFields/memoryField.ts'
import { projectorField } from './runFields/projectorField.ts'
import { stageField } from './runFields/stageField.ts'
import { variantOptions } from './runFields/variantOptions.ts'
import { migrateConfig } from './migrate.ts'
import {
  deepFreeze,
  defaultOf,
  formatIssue,
  parse,
  type ConfigValue,
  type Field,
  type Infer,
  type Issue,
  type ParseResult,
} from './schema.ts'

/** Raised by one whenever a stored or shared config of the old shape would be misread; see `migrate.ts`. */
export const configVersion = 1

/** A tagged union whose members are only known at run time. */
type Kind<T extends string> = { [K in T]: string } & { [name: string]: ConfigValue }

/**
 * The one description of a run's configuration, made from what is registered. The page, the workers, the command
 * line and the docs all use it.
 */
export function createRunSchema(catalog: Catalog) {
  const firstOf = (entries: readonly { id: string }[]) => entries[0]!.id
  // What no task can train is not offered.
  const models = catalog.models.filter(({ id }) => catalog.tasks.some((task) => task.models.includes(id)))
  return {
    type: 'group',
    label: 'Run',
    help: 'Everything that decides what a run computes.',
    fields: {
      version: {
        type: 'int',
        label: 'Version',
        help: 'Version of this description; older ones are migrated.',
        default: configVersion,
        min: configVersion,
        max: configVersion,
        isAdvanced: true,
      },
      name: {
        type: 'text',
        label: 'Name',
        help: 'What the run is called in lists. It does not change what is computed.',
        default: '',
        maxLength: 120,
      },
      seed: {
        type: 'int',
        label: 'Seed',
        help: 'Decides initial weights, order of data, dropout and samples. Equal seeds on one adapter give equal bits.',
        default: 42,
        min: 0,
        max: 4294967295,
      },
      task: {
        type: 'choice',
        label: 'Task',
        help: 'What is learned from what.',
        default: firstOf(catalog.tasks),
        options: catalog.tasks.map(({ id, title, summary }) => ({ value: id, label: title, help: summary })),
      },
      data: dataField(catalog),
      model: {
        type: 'variant',
        tag: 'kind',
        label: 'Model',
        help: 'The network and its size.',
        default: firstOf(models),
        options: variantOptions(models),
      },
      stages: {
        type: 'list',
        label: 'Training',
        help: 'One after the other; most runs have one.',
        minItems: 1,
        maxItems: 16,
        defaultItems: 1,
        item: stageField(catalog),
      },
      projector: projectorField,
      evaluation: evaluationField,
      memory: memoryField,
      kernels: kernelsField,
    },
  } as const satisfies Field
}

export type RunSchema = ReturnType<typeof createRunSchema>
type Raw = Infer<RunSchema>
type RawStage = Raw['stages'][number]
export type StageConfig = Omit<
  RawStage,
  'optimizer' | 'schedule' | 'losses' | 'lossBalance' | 'curriculum'
> & {
  optimizer: Kind<'kind'>
  schedule: Kind<'kind'>
  losses: {
    name: string
    weight: number
    fromStep: number
    untilStep: number
    rampSteps: number
    params: { [name: string]: ConfigValue }
  }[]
  lossBalance: Kind<'kind'>
  curriculum: Kind<'kind'>
}
export type DataSource =
  { kind: 'bundled'; id: string } | { kind: 'stored'; name: string; sha256: string; sizeBytes: number }
export type DataConfig = Pick<
  Raw['data'],
  'images' | 'table' | 'masking' | 'mixing' | 'smallCrops' | 'severity'
> & {
  source: DataSource
  split: Kind<'kind'>
  transforms: Kind<'kind'>[]
  augmentations: Kind<'kind'>[]
  textAugmentations: Kind<'kind'>[]
  tokenizer: Kind<'kind'>
  sampler: Kind<'kind'>
  curriculum: Kind<'kind'>
}
/** A whole, validated, frozen configuration: every field is present. */
export type RunConfig = Omit<Raw, 'data' | 'model' | 'stages' | 'task'> & {
  task: string
  data: DataConfig
  model: Kind<'kind'>
  stages: StageConfig[]
}

/** Which update of a run: finished ones before it, over all stages and within its own. */
export interface UpdatePlace {
  readonly step: number
  readonly stageIndex: number
  readonly stageStep: number
}

/**
 * The stage in which update `step`, from 0, lies if no stage before it ended early, and the updates before it; the last
 * one after all. Where a run tells its stages, go by that.
 */
export function stageAt(
  { stages }: Pick<RunConfig, 'stages'>,
  step: number,
): { index: number; fromStep: number } {
  let fromStep = 0
  for (let index = 0; index < stages.length - 1; index++) {
    const next = fromStep + stages[index]!.totalSteps
    if (step < next) return { index, fromStep }
    fromStep = next
  }
  return { index: stages.length - 1, fromStep }
}

/** A config or its issues. Older versions are migrated first; a newer one is an issue at `version`. */
export function checkRunConfig(schema: RunSchema, value: unknown): ParseResult<RunConfig> {
  const migrated = migrateConfig(value)
  if (!migrated.isValid) return migrated
  const parsed = parse(schema, migrated.value) as unknown as ParseResult<RunConfig>
  return parsed.isValid ? { isValid: true, value: deepFreeze(parsed.value) } : parsed
}

/** As {@link checkRunConfig}, but throws one `invalid-config` error that lists every issue. */
export function parseRunConfig(schema: RunSchema, value: unknown): RunConfig {
  const result = checkRunConfig(schema, value)
  if (result.isValid) return result.value
  throw invalidConfig(result.issues)
}

export function invalidConfig(issues: readonly Issue[]): ConfigError {
  const shown = issues.slice(0, 8).map(formatIssue)
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : ''
  return new ConfigError(
    `The configuration has ${issues.length === 1 ? 'an error' : `${issues.length} errors`}: ${shown.join('; ')}${more}`,
    {
      code: 'invalid-config',
      remedy: 'Correct the named settings, or remove them to take the defaults.',
      details: Object.fromEntries(
        issues.slice(0, 32).map((issue, i) => [`issue ${i + 1}`, formatIssue(issue)]),
      ),
    },
  )
}

export function defaultRunConfig(schema: RunSchema): RunConfig {
  return deepFreeze(defaultOf(schema) as unknown as RunConfig)
}

/** Steps of all stages together. */
export function totalStepsOf(config: RunConfig): number {
  return config.stages.reduce((sum, stage) => sum + stage.totalSteps, 0)
}

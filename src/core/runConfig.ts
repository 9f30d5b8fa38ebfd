import type { Catalog, CatalogEntry } from './catalog.ts'
import { ConfigError } from './errors.ts'
import { migrateConfig } from './migrate.ts'
import {
  deepFreeze,
  defaultOf,
  formatIssue,
  parse,
  type ConfigValue,
  type Field,
  type Fields,
  type Infer,
  type Issue,
  type ParseResult,
} from './schema.ts'

/** Raised by one whenever a stored or shared config of the old shape would be misread; see `migrate.ts`. */
export const configVersion = 1

function options(entries: readonly CatalogEntry[], wrap: (fields: Fields) => Fields = (fields) => fields) {
  return entries.map(({ id, title, summary, link, fields }) => ({
    value: id,
    label: title,
    help: summary,
    ...(link === undefined ? {} : { link }),
    fields: wrap(fields),
  }))
}

/** A tagged union whose members are only known at run time. */
type Kind<T extends string> = { [K in T]: string } & { [name: string]: ConfigValue }

/**
 * The one description of a run's configuration, made from what is registered. The page, the workers, the command
 * line and the docs all use it.
 */
export function createRunSchema(catalog: Catalog) {
  const firstOf = (entries: readonly { id: string }[]) => entries[0]!.id
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
      data: {
        type: 'group',
        label: 'Data',
        help: 'What the model learns from, and how it is cut up.',
        fields: {
          source: {
            type: 'variant',
            tag: 'kind',
            label: 'Source',
            help: 'A text that comes with Bunsen, or one of yours that is stored in this browser.',
            default: 'bundled',
            options: [
              {
                value: 'bundled',
                label: 'Comes with Bunsen',
                help: 'Real data taken from packages when the app was built.',
                fields: {
                  id: {
                    type: 'choice',
                    label: 'Data set',
                    help: 'Which of the bundled sets.',
                    default: firstOf(catalog.bundled),
                    options: catalog.bundled.map(({ id, title, summary }) => ({
                      value: id,
                      label: title,
                      help: summary,
                    })),
                  },
                },
              },
              {
                value: 'stored',
                label: 'Yours',
                help: 'A set that you dropped on the page; it never leaves this browser.',
                fields: {
                  name: {
                    type: 'text',
                    label: 'Name',
                    help: 'Its name when it was dropped.',
                    default: '',
                    maxLength: 255,
                  },
                  sha256: {
                    type: 'text',
                    label: 'SHA-256',
                    help: 'Hash of its content: the set is found by it.',
                    default: '',
                    maxLength: 64,
                    pattern: { source: '[0-9a-f]{64}', means: 'the 64 hexadecimal digits of a SHA-256' },
                  },
                  sizeBytes: {
                    type: 'int',
                    label: 'Size',
                    help: 'Size of its content.',
                    default: 0,
                    min: 0,
                    max: 1e15,
                    unit: 'B',
                  },
                },
              },
            ],
          },
          split: {
            type: 'variant',
            tag: 'kind',
            label: 'Split',
            help: 'Which part is kept apart to measure what was learned.',
            default: firstOf(catalog.splits),
            options: options(catalog.splits),
          },
          transforms: {
            type: 'list',
            label: 'Transforms',
            help: 'Done to the text before it is cut into tokens, in this order.',
            minItems: 0,
            maxItems: 16,
            defaultItems: 0,
            isAdvanced: true,
            item: {
              type: 'variant',
              tag: 'kind',
              label: 'Transform',
              help: 'One change of the text.',
              default: firstOf(catalog.transforms),
              options: options(catalog.transforms),
            },
          },
          tokenizer: {
            type: 'variant',
            tag: 'kind',
            label: 'Tokenizer',
            help: 'How text becomes numbers.',
            default: firstOf(catalog.tokenizers),
            options: options(catalog.tokenizers),
          },
          sampler: {
            type: 'variant',
            tag: 'kind',
            label: 'Sampler',
            help: 'Which examples make up a batch.',
            default: firstOf(catalog.samplers),
            isAdvanced: true,
            options: options(catalog.samplers),
          },
        },
      },
      model: {
        type: 'variant',
        tag: 'kind',
        label: 'Model',
        help: 'The network and its size.',
        default: firstOf(catalog.models),
        options: options(catalog.models),
      },
      stages: {
        type: 'list',
        label: 'Stages',
        help: 'One after the other; most runs have one.',
        minItems: 1,
        maxItems: 16,
        defaultItems: 1,
        item: stageField(catalog),
      },
      evaluation: {
        type: 'group',
        label: 'Evaluation',
        help: 'What is measured and kept as the run goes on.',
        fields: {
          batches: {
            type: 'int',
            label: 'Validation batches',
            help: 'How many batches a validation loss is averaged over; always the same ones.',
            default: 8,
            min: 1,
            max: 4096,
          },
          checkpointEvery: {
            type: 'int',
            label: 'Checkpoint every',
            help: 'The latest state is also kept when the tab is hidden, when you pause, and at the end.',
            default: 250,
            min: 1,
            max: 1000000,
            unit: 'steps',
            scale: 'log',
          },
          sampleEvery: {
            type: 'int',
            label: 'Sample every',
            help: 'How often the model writes something; 0 never.',
            default: 250,
            min: 0,
            max: 1000000,
            unit: 'steps',
          },
          samplePrompt: {
            type: 'text',
            label: 'Prompt',
            help: 'What samples begin with; empty starts from a line break.',
            default: '',
            maxLength: 500,
            isMultiline: true,
          },
          sampleTokens: {
            type: 'int',
            label: 'Sample length',
            help: 'How much it writes.',
            default: 160,
            min: 1,
            max: 2048,
            unit: 'tokens',
          },
          sampleTemperature: {
            type: 'number',
            label: 'Temperature',
            help: 'Below 1 safer, above 1 wilder; 0 always takes the likeliest token.',
            default: 0.8,
            min: 0,
            max: 5,
            step: 0.05,
          },
          sampleTopK: {
            type: 'int',
            label: 'Top k',
            help: 'Only the k likeliest tokens are drawn from; 0 all.',
            default: 0,
            min: 0,
            max: 100000,
            isAdvanced: true,
          },
        },
      },
    },
  } as const satisfies Field
}

function stageField(catalog: Catalog) {
  return {
    type: 'group',
    label: 'Stage',
    help: 'A span of training with its own settings.',
    fields: {
      name: {
        type: 'text',
        label: 'Name',
        help: 'Shown in the progress.',
        default: 'train',
        maxLength: 60,
        isAdvanced: true,
      },
      totalSteps: {
        type: 'int',
        label: 'Steps',
        help: 'How many updates of the weights.',
        default: 2000,
        min: 1,
        max: 100000000,
        scale: 'log',
        unit: 'steps',
      },
      batchSize: {
        type: 'int',
        label: 'Batch size',
        help: 'Sequences in one forward pass.',
        default: 16,
        min: 1,
        max: 4096,
        scale: 'log',
      },
      accumulationSteps: {
        type: 'int',
        label: 'Accumulation',
        help: 'Batches whose gradients are averaged before one update: a larger batch in the memory of a small one.',
        default: 1,
        min: 1,
        max: 1024,
        scale: 'log',
        isAdvanced: true,
      },
      losses: {
        type: 'list',
        label: 'Losses',
        help: 'Summed with their weights.',
        minItems: 1,
        maxItems: 16,
        defaultItems: 1,
        isAdvanced: true,
        item: {
          type: 'variant',
          tag: 'name',
          label: 'Loss',
          help: 'What is made small.',
          default: catalog.losses[0]!.id,
          options: options(catalog.losses, (fields) => ({
            weight: {
              type: 'number',
              label: 'Weight',
              help: 'Factor of this loss in the sum.',
              default: 1,
              min: 0,
              max: 1e6,
            },
            params: { type: 'group', label: 'Parameters', help: 'Settings of this loss.', fields },
          })),
        },
      },
      optimizer: {
        type: 'variant',
        tag: 'kind',
        label: 'Optimizer',
        help: 'How gradients become updates.',
        default: catalog.optimizers[0]!.id,
        options: options(catalog.optimizers),
      },
      schedule: {
        type: 'variant',
        tag: 'kind',
        label: 'Schedule',
        help: 'How the learning rate moves over the stage.',
        default: catalog.schedules[0]!.id,
        options: options(catalog.schedules),
      },
      gradClipNorm: {
        type: 'number',
        label: 'Clip gradient norm',
        help: 'Longer gradients are scaled down to this length; 0 leaves them alone.',
        default: 1,
        min: 0,
        max: 1e6,
        step: 0.1,
      },
      precision: {
        type: 'choice',
        label: 'Precision',
        help: 'How numbers are stored on the GPU.',
        default: 'float32',
        isAdvanced: true,
        options: [{ value: 'float32', label: '32-bit float' }],
      },
      components: {
        type: 'list',
        label: 'Components',
        help: 'Parts of the model that learn slower, faster or not at all; the first match counts.',
        minItems: 0,
        maxItems: 64,
        defaultItems: 0,
        isAdvanced: true,
        item: {
          type: 'group',
          label: 'Component',
          help: 'Weights chosen by name.',
          fields: {
            match: {
              type: 'text',
              label: 'Names that begin with',
              help: 'For instance transformer.h.0; * stands for anything.',
              default: '*',
              maxLength: 200,
            },
            isFrozen: {
              type: 'bool',
              label: 'Frozen',
              help: 'These weights stay as they are.',
              default: false,
            },
            learningRateMultiplier: {
              type: 'number',
              label: 'Learning rate ×',
              help: 'Factor on the learning rate for these weights.',
              default: 1,
              min: 0,
              max: 1000,
            },
          },
        },
      },
      evaluateEvery: {
        type: 'int',
        label: 'Validate every',
        help: 'How often the loss on held-out data is measured.',
        default: 100,
        min: 1,
        max: 1000000,
        scale: 'log',
        unit: 'steps',
      },
      earlyStopping: {
        type: 'group',
        label: 'Early stopping',
        help: 'Ends the stage when the monitored metric no longer gets better.',
        isAdvanced: true,
        fields: {
          isEnabled: {
            type: 'bool',
            label: 'Stop early',
            help: 'The best checkpoint is kept in any case.',
            default: false,
          },
          patience: {
            type: 'int',
            label: 'Patience',
            help: 'Validations without improvement before it stops.',
            default: 10,
            min: 1,
            max: 10000,
          },
          minDelta: {
            type: 'number',
            label: 'Smallest improvement',
            help: 'Less than this does not count.',
            default: 0,
            min: 0,
            max: 1000,
          },
        },
      },
      monitor: {
        type: 'choice',
        label: 'Monitor',
        help: 'The metric that decides which checkpoint is best.',
        default: 'validation/loss',
        isAdvanced: true,
        options: [
          { value: 'validation/loss', label: 'Validation loss' },
          { value: 'train/loss', label: 'Training loss' },
        ],
      },
    },
  } as const satisfies Field
}

export type RunSchema = ReturnType<typeof createRunSchema>
type Raw = Infer<RunSchema>
type RawStage = Raw['stages'][number]
export type StageConfig = Omit<RawStage, 'optimizer' | 'schedule' | 'losses'> & {
  optimizer: Kind<'kind'>
  schedule: Kind<'kind'>
  losses: { name: string; weight: number; params: { [name: string]: ConfigValue } }[]
}
export type DataSource =
  { kind: 'bundled'; id: string } | { kind: 'stored'; name: string; sha256: string; sizeBytes: number }
export type DataConfig = {
  source: DataSource
  split: Kind<'kind'>
  transforms: Kind<'kind'>[]
  tokenizer: Kind<'kind'>
  sampler: Kind<'kind'>
}
/** A whole, validated, frozen configuration: every field is present. */
export type RunConfig = Omit<Raw, 'data' | 'model' | 'stages' | 'task'> & {
  task: string
  data: DataConfig
  model: Kind<'kind'>
  stages: StageConfig[]
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

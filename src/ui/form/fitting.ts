import { lossMetrics } from '../../core/catalog.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { formatPath, type Choice, type Field, type Path, type VariantOption } from '../../core/schema.ts'
import type { Datasets } from '../../runs/datasets.svelte.ts'
import type { Draft } from '../../runs/draft.svelte.ts'

/** What the task of a configuration goes with, so that the form offers nothing that would be refused. */
interface Fit {
  readonly dataKinds: readonly string[]
  readonly models: readonly string[]
  readonly losses: readonly string[]
  readonly metrics: readonly { readonly name: string }[]
}

function fitOf(draft: Draft, config: RunConfig): Fit | undefined {
  return draft.catalog.tasks.find(({ id }) => id === config.task)
}

/** Whether a setting matters for the task and the data that it learns from. */
export function isFitting(
  { dataKinds, tasks }: Pick<Field, 'dataKinds' | 'tasks'>,
  draft: Draft,
  config: RunConfig,
): boolean {
  const fit = fitOf(draft, config)
  if (tasks !== undefined && !tasks.includes(config.task)) return false
  return (
    dataKinds === undefined || fit === undefined || dataKinds.some((kind) => fit.dataKinds.includes(kind))
  )
}

/** The options that fit; the one that is chosen stays, fitting or not. */
export function fittingOptions<T extends Choice | VariantOption>(
  { draft, datasets }: { readonly draft: Draft | null; readonly datasets: Pick<Datasets, 'splitsOf'> },
  path: Path,
  options: readonly T[],
  chosen: string,
): readonly T[] {
  const fit = draft && fitOf(draft, draft.config)
  if (!draft || !fit) return options
  const ids =
    formatPath(path) === 'data.split' ? datasets.splitsOf(draft.config.data.source) : idsThatFit(fit, path)
  return options.filter(
    (option) =>
      option.value === chosen ||
      ((ids === null || ids.includes(option.value)) &&
        (!('dataKinds' in option) || isFitting(option, draft, draft.config))),
  )
}

function idsThatFit({ models, losses, metrics }: Fit, path: Path): readonly string[] | null {
  if (formatPath(path) === 'model') return models
  if (path.at(-1) === 'monitor') return [...lossMetrics, ...metrics.map(({ name }) => name)]
  return path.at(-2) === 'losses' ? losses : null
}

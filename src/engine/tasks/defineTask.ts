import type { TaskEntry } from '../../core/catalog.ts'
import { metrics } from '../evaluation/registry.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import type { LossInputs } from '../losses/lossInputs.ts'
import type { InputOf, ModelInputs, ModelOutput } from '../models/modelInputs.ts'

/** Tokens and what is to be predicted at each place, on the device. */
export interface TaskBatch extends Omit<InputOf<'tokens'>, 'mask' | 'onlyRow'> {
  readonly targets: LossInputs['classes']['targets']
}

export interface TaskSpec extends TaskEntry {
  /** What the losses need, from one forward pass. */
  forward(predict: (inputs: ModelInputs) => ModelOutput, batch: TaskBatch): Partial<LossInputs>
  /** What the metrics are made from, whatever losses a run trains with: perplexity is of likelihoods, smoothed or not. */
  readonly measured: { readonly name: string; readonly params: ConfigRecord }
  /** What is reported of a validation besides `validation/loss`, by name. @param measured mean of {@link measured} */
  metricsFromLoss(measured: number): Record<string, number>
}

type TaskDefinition = Omit<TaskSpec, 'metrics' | 'metricsFromLoss' | 'fields'> & {
  /** Ids in `evaluation/`. */
  readonly metricIds: readonly string[]
}

export function defineTask({ metricIds, ...definition }: TaskDefinition): TaskSpec {
  const specs = metricIds.map((id) => metrics.get(id))
  return {
    ...definition,
    fields: {},
    metrics: specs.map(({ id, label, better }) => ({ name: `validation/${id}`, label, better })),
    metricsFromLoss: (measured) =>
      Object.fromEntries(specs.map((metric) => [`validation/${metric.id}`, metric.fromLoss(measured)])),
  }
}

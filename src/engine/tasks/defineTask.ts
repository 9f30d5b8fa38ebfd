import type { TaskEntry } from '../../core/catalog.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import type { HiddenPlace, ItemView, TaskView, WrittenText } from '../../core/taskView.ts'
import { BunsenError } from '../../core/errors.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from '../backend/tfjs.ts'
import type { Measured, MeasuredKind } from '../evaluation/defineMetric.ts'
import { metrics } from '../evaluation/registry.ts'
import type { InputKind, LossInputs } from '../losses/lossInputs.ts'
import { losses } from '../losses/registry.ts'
import type { DataSizes, ModelInputs, ModelOutput } from '../models/modelInputs.ts'
import type { KeyValueCache } from '../nn/keyValueCache.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'

/** One of the arrays that a batch consists of: the same number of elements for each of its items. */
export interface ArraySpec {
  readonly dtype: 'int32' | 'float32'
  readonly perItem: number
  /** A batch may hold fewer elements an item, as many as its other sequences of this name. */
  readonly sequence?: 'tokens' | 'texts' | 'targets'
  /** Lowest and highest value of whole numbers, which kernels take as places; null where any will do. */
  readonly range: readonly [number, number] | null
  /** What it holds, for messages. */
  readonly label: string
  /** What is not `ignoredTarget` counts in means over batches. At most one; without, each item counts. */
  readonly isTarget?: boolean
  /** Its values name rows of its batch: what an item is worth depends on the others. */
  readonly namesRows?: boolean
}

/** The arrays of a batch on the device, each as long as all its items. */
export interface TaskBatch {
  readonly arrays: Readonly<Record<string, Tensor1D>>
  readonly batchSize: number
  readonly facts: DataFacts
}

/** The same on the host, with what was measured of it. */
export interface MeasuredBatch {
  readonly arrays: Readonly<Record<string, Int32Array | Float32Array>>
  readonly batchSize: number
  /** How many of its first items count; the others fill it up. */
  readonly validItems: number
  /** Where its items stand in the validation part; null where they are cut from a text. */
  readonly places: Int32Array | null
  /** Empty of tasks without `measure`. */
  readonly measured: Float32Array
  /** What was written of each item that counts; left out by tasks that write none. */
  readonly written?: readonly WrittenText[]
  /** Some of its texts with their hidden tokens; left out by tasks that hide none, and of batches that nobody looks at. */
  readonly recalled?: readonly (readonly (string | HiddenPlace)[])[]
}

/** An item of the validation part as people see it. */
export type ItemViewAt = (place: number) => ItemView | null

/** A loss of this batch, whatever the stage trains with; `params` are those that are not as by default. */
export type LossOf = (name: string, params: ConfigRecord) => Scalar

/** A pass through the model. */
export type Predict = (inputs: ModelInputs) => ModelOutput

/** What a task is asked that turns the text of each item into another, token by token. */
export interface Writing {
  /**
   * Scores [B, V] of the token that follows place `row` [1] of what is written so far, the batch's `targetIds`; these are the
   * tokens of that place alone where the cache has a row.
   * @param predict keeps logits in parts
   */
  next(
    predict: Predict,
    batch: TaskBatch,
    at: { readonly row: Tensor1D; readonly cache: KeyValueCache | null },
  ): Tensor2D
  /** What each place of it looks at in the text that is read: [B, Tt, Ts]. */
  attention(predict: Predict, batch: TaskBatch): Tensor3D
}

/** What a task is asked whose model finds hidden tokens again. */
export interface Recalling {
  /**
   * Scores [n, V] of the tokens at these places [n] of the batch's sequences, one after the other; of its arrays it is
   * given those that are no targets.
   * @param predict keeps logits in parts
   */
  scores(predict: Predict, batch: TaskBatch, places: Tensor1D): Tensor2D
}

interface TaskParts<K extends MeasuredKind> {
  /** Of tasks whose model finds hidden tokens again, which are the targets of their places. */
  readonly recalling?: Recalling
  /** Of tasks whose model writes a text for each item. */
  readonly writing?: Writing
  /** What its cross-entropy chooses among; left out where its losses are of another kind. */
  readonly guesses?: 'tokens' | 'classes'
  /** It chooses between two classes of its own, whatever classes the data have; left out for no. */
  readonly hasTwoClasses?: boolean
  /** An item has any number of the data’s labels, each a question of its own; left out for no. */
  readonly hasLabelSets?: boolean
  /** Both sides of what it compares, of tasks whose items can be searched. */
  pairs?(batches: readonly MeasuredBatch[]): Measured['pairs']
  /** What a data set lacks of what it needs, for people; null where it has all. */
  lack(facts: DataFacts, config: RunConfig): string | null
  /** What does not go together of its own settings; left out for nothing. */
  check?(config: RunConfig): Issue[]
  /** What speeds are counted in. */
  readonly unit: 'tokens' | 'items'
  /** Sizes of the model that it needs for the data. */
  sizes(facts: DataFacts, config: RunConfig): DataSizes
  /** By name, in a fixed order. */
  arrays(facts: DataFacts, config: RunConfig): Readonly<Record<string, ArraySpec>>
  /** Width of what losses compare, or number of classes: what the size of their state depends on. */
  lossWidth(facts: DataFacts, config: RunConfig): number
  /**
   * What the losses need, from one forward pass, or several.
   * @param teach goes through averaged weights where the stage has them, the same ones where not; its results are to be
   *   read within `offTape`. null where no loss is of the `taughtKinds`, which are then left out
   */
  forward(predict: Predict, batch: TaskBatch, teach: Predict | null): Partial<LossInputs>
  /**
   * float32 [n]: what the metrics of a batch are made from, whatever losses a run trains with. Left out where all of it is
   * what is written.
   */
  measure?(inputs: Partial<LossInputs>, batch: TaskBatch, lossOf: LossOf): Tensor1D
  /** What a validation shows beside its metrics; null for nothing. Left out by tasks that never do. */
  view?(batches: readonly MeasuredBatch[], facts: DataFacts, itemAt: ItemViewAt): TaskView | null
  /** Of all validation batches. */
  collect(batches: readonly MeasuredBatch[], facts: DataFacts): Measured[K]
}

/** What follows from the parts. */
type Derived = 'isRewriting' | 'canSearch' | 'guesses'

export interface TaskSpec
  extends Omit<TaskEntry, Derived>, Omit<TaskParts<MeasuredKind>, 'collect' | 'view' | 'check'> {
  check(config: RunConfig): Issue[]
  view(batches: readonly MeasuredBatch[], facts: DataFacts, itemAt: ItemViewAt): TaskView | null
  /** What is reported of a validation besides `validation/loss`, by name. */
  report(batches: readonly MeasuredBatch[], facts: DataFacts): Record<string, number>
}

type TaskDefinition<K extends MeasuredKind> = Omit<TaskEntry, 'metrics' | 'losses' | 'fields' | Derived> &
  TaskParts<K> & {
    /** Id of the loss that is taken where none is chosen. */
    readonly defaultLoss: string
    /** Kinds of input that `forward` gives, with some data or settings at least: losses of these are offered. */
    readonly gives: readonly InputKind[]
    /** What its metrics are made from. */
    readonly measuredKind: K
  }

/** Its losses are all that there are of the kinds that it gives, its metrics all of its kind of measurement. */
export function defineTask<K extends MeasuredKind>({
  measuredKind,
  defaultLoss,
  gives,
  collect,
  ...definition
}: TaskDefinition<K>): TaskSpec {
  const specs = metrics.all.filter(({ of }) => of === measuredKind)
  return {
    ...definition,
    losses: lossesOf(defaultLoss, gives),
    fields: {},
    check: (config) => definition.check?.(config) ?? [],
    view: (...seen) => definition.view?.(...seen) ?? null,
    metrics: specs.map(({ id, label, better }) => ({ name: `validation/${id}`, label, better })),
    report(batches, facts) {
      const measured = collect(batches, facts)
      return Object.fromEntries(
        specs.flatMap((metric) => {
          const value = metric.compute(measured)
          return value === null ? [] : [[`validation/${metric.id}`, value]]
        }),
      )
    },
  }
}

/** @throws BunsenError `data-facts` where a data set lacks what the task needs: its preparation should have told */
export function factOf<K extends keyof DataFacts>(facts: DataFacts, name: K): NonNullable<DataFacts[K]> {
  const value = facts[name]
  if (value === undefined)
    throw new BunsenError(`Data: must tell its ${name}, and does not`, { code: 'data-facts' })
  return value
}

/** Ids of the losses of these kinds, so that a new one is offered without a word; `first` leads. */
function lossesOf(first: string, kinds: readonly InputKind[]): string[] {
  const fitting = losses.all.filter(({ accepts }) => kinds.includes(accepts)).map(({ id }) => id)
  return [first, ...fitting.filter((id) => id !== first)]
}

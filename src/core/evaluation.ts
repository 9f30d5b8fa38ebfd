import type { StepReport } from './steps.ts'

/** Parts of a data set that a checkpoint can be measured on. */
export const measuredParts = ['validation', 'test'] as const
export type MeasuredPart = (typeof measuredParts)[number]

/** What a checkpoint is worth on a part of its data. Plain data. */
export interface Evaluation {
  readonly part: MeasuredPart
  /** Items that were measured; of a text sequences. */
  readonly items: number
  /** `loss` and the metrics of the task, by name, all of them finite. */
  readonly values: Readonly<Record<string, number>>
  /** 95 % intervals of those that are shares of the items. */
  readonly intervals: Readonly<Record<string, readonly [low: number, high: number]>>
}

/** The same of a stored checkpoint, and whether it was known. */
export interface StoredEvaluation {
  /** What the data set is called, where it is not the run's. */
  readonly of?: string
  /** Updates that made the checkpoint. */
  readonly step: number
  readonly evaluation: Evaluation
  readonly reports: readonly StepReport[]
}

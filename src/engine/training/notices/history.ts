import type { TaskView } from '../../../core/taskView.ts'
import type { TowerReading, TowerWeights } from './towers.ts'
import type { DeadUnits } from './units.ts'

export interface Reading {
  readonly step: number
  readonly loss: number
  readonly learningRate: number
}

export interface Evaluation {
  readonly step: number
  /** By the names of events. */
  readonly values: Readonly<Record<string, number>>
  readonly view: TaskView | null
}

/** What a loss multiplies similarities by, where it learns it. */
export interface LearnedScale {
  /** Of the tensor. */
  readonly name: string
  /** Its logarithm, and the one at which it is held. */
  readonly value: number
  readonly most: number
}

/** What a stage has told so far: losses of another stage are on another scale. */
export interface RunHistory {
  /** From the stage's first update on; false where it was taken up in the middle, or where the beginning is forgotten. */
  isWhole: boolean
  /** Of each update, the latest last; the oldest are forgotten. */
  readonly readings: Reading[]
  readonly evaluations: Evaluation[]
  /** Of each checkpoint but the first; only of models with several towers. */
  readonly towers: TowerReading[]
  /** Of the latest checkpoint; null before there is one, and of other models. */
  weights: TowerWeights | null
  /** Of the latest checkpoint. */
  deadUnits: readonly DeadUnits[]
  /** Of the latest checkpoint. */
  logScales: readonly LearnedScale[]
}

const mostReadings = 4096

export function emptyHistory(isWhole = true): RunHistory {
  return { isWhole, readings: [], evaluations: [], towers: [], weights: null, deadUnits: [], logScales: [] }
}

export function addReading(history: RunHistory, reading: Reading): void {
  const { readings } = history
  readings.push(reading)
  // In one go now and then: taking the first away each time moves all others.
  if (readings.length <= 2 * mostReadings) return
  readings.splice(0, readings.length - mostReadings)
  history.isWhole = false
}

/** Only the latest keeps what it showed: pictures are large. */
export function addEvaluation({ evaluations }: RunHistory, evaluation: Evaluation): void {
  const before = evaluations.pop()
  if (before !== undefined) evaluations.push({ ...before, view: null })
  evaluations.push(evaluation)
}

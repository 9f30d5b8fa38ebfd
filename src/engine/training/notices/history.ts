import type { TaskView } from '../../../core/taskView.ts'

export interface Reading {
  readonly step: number
  readonly loss: number
}

export interface Evaluation {
  readonly step: number
  /** By the names of events. */
  readonly values: Readonly<Record<string, number>>
  readonly view: TaskView | null
}

/** What a run has told so far since it was begun or taken up. */
export interface RunHistory {
  /** Of each update, the latest last; the oldest are forgotten. */
  readonly readings: Reading[]
  readonly evaluations: Evaluation[]
}

const mostReadings = 4096

export function emptyHistory(): RunHistory {
  return { readings: [], evaluations: [] }
}

export function addReading({ readings }: RunHistory, reading: Reading): void {
  readings.push(reading)
  // In one go now and then: taking the first away each time moves all others.
  if (readings.length > 2 * mostReadings) readings.splice(0, readings.length - mostReadings)
}

/** Only the latest keeps what it showed: pictures are large. */
export function addEvaluation({ evaluations }: RunHistory, evaluation: Evaluation): void {
  const before = evaluations.pop()
  if (before !== undefined) evaluations.push({ ...before, view: null })
  evaluations.push(evaluation)
}

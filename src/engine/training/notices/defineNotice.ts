import type { RunHistory } from './history.ts'

/** Something about a run that a person would want to be told. */
export interface NoticeSpec {
  /** Kebab-case. */
  readonly id: string
  /** What was seen, as a headline. */
  readonly title: string
  /** What was seen in numbers, and what to try; null where there is nothing to say. */
  look(history: RunHistory): string | Finding | null
}

/** A notice about what began with an update, so that a branch from before it may get around it. */
export interface Finding {
  readonly detail: string
  /** Finished updates after the first of them. */
  readonly sinceStep: number
  /** It is about that update alone, whose batch is kept. */
  readonly isOfBatch: boolean
}

export function defineNotice(notice: NoticeSpec): NoticeSpec {
  return notice
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A number as notices have it. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(3)))
}

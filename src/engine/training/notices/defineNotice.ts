import type { RunHistory } from './history.ts'

/** Something about a run that a person would want to be told. */
export interface NoticeSpec {
  /** Kebab-case. */
  readonly id: string
  /** What was seen, as a headline. */
  readonly title: string
  /** What was seen in numbers, and what to try; null where there is nothing to say. */
  look(history: RunHistory): string | null
}

export function defineNotice(notice: NoticeSpec): NoticeSpec {
  return notice
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A number as notices have it. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(3)))
}

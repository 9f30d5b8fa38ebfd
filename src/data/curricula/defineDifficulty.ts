import type { CatalogEntry } from '../../core/catalog.ts'
import type { Part, TokenArray } from '../../core/prepared.ts'
import type { Ordered } from '../orderedRegistry.ts'

export interface WindowsRequest {
  readonly tokens: TokenArray
  readonly seqLen: number
  readonly vocabSize: number
}

/** What makes an example hard: a pure function of the data. Higher is harder; only the order counts. */
export interface Difficulty extends CatalogEntry, Ordered {
  readonly id: string
  /** float64 [N], of each item by its texts; null where they have none. */
  ofItems(part: Part, vocabSize: number): Float64Array | null
  /** float64 [W], of the W windows of `seqLen` tokens that a text has one after the other; null where all are alike. */
  ofWindows(request: WindowsRequest): Float64Array | null
}

export function defineDifficulty(difficulty: Difficulty): Difficulty {
  return difficulty
}

import type { StepReport } from './steps.ts'
import type { ItemView, NamedItem } from './taskView.ts'

/** What somebody looks for among the items of the validation. Plain data. */
export type SearchQuery =
  | { readonly kind: 'words'; readonly words: string }
  /** A picture file. */
  | { readonly kind: 'picture'; readonly name: string; readonly bytes: Uint8Array }

export interface SearchResult {
  /** Updates of the checkpoint that was asked. */
  readonly step: number
  /** The picture that was asked with, as the model sees it; null for words. */
  readonly seen: ItemView | null
  /** Words, or characters, that the model has never read, and leaves out. */
  readonly unknown: readonly string[]
  /** How many items were looked at. */
  readonly total: number
  /** The best first. */
  readonly found: readonly (NamedItem & { readonly cosine: number })[]
  /** Of the vectors that were searched. */
  readonly reports: readonly StepReport[]
}

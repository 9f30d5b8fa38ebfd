import type { DataKind } from '../../core/catalog.ts'
import { splitPictures } from '../images/splitPictures.ts'
import type { SplitItems } from '../splits/parts/splitItems.ts'
import { splitsFor } from '../splits/registry.ts'
import { chooseColumns } from '../table/chooseColumns.ts'
import { splitRows } from '../table/splitRows.ts'
import { describeImages, type ImagesDescription } from './describeImages.ts'
import { describeTable, type TableDescription } from './describeTable.ts'
import { describeText, type TextDescription } from './describeText.ts'
import { suggestForImages, suggestForTable, suggestForText, type Suggestion } from './suggestTask.ts'

export type SetDescription = TextDescription | TableDescription | ImagesDescription

export interface DescribedSet {
  readonly description: SetDescription
  readonly suggestion: Suggestion
  /** Ids of the splits that have what they go by, the target of a table being found by itself. */
  readonly splits: readonly string[]
  /** Names of what is known of each item, by which a split may go; of a table all of its columns. */
  readonly columns: readonly string[]
}

/**
 * What is in a set and what could be learned from it. A text passes through in pieces, all else is held whole. Throws what
 * reading the kind throws.
 */
export async function describeSet(kind: DataKind, content: AsyncIterable<Uint8Array>): Promise<DescribedSet> {
  if (kind === 'text')
    return {
      description: await describeText(content),
      suggestion: suggestForText(),
      splits: splitsFor(null),
      columns: [],
    }
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for await (const piece of content) pieces.push(piece.slice())
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer())
  if (kind === 'images') {
    const { set, description } = describeImages(bytes)
    return described(description, suggestForImages(description), splitPictures(set))
  }
  const { table, description } = describeTable(bytes)
  const chosen = chooseColumns(table, { target: '', text: '', targetKind: 'auto', separator: '' })
  return described(description, suggestForTable(table), splitRows(table, chosen))
}

/** Data that name their parts are parted so. */
function described(description: SetDescription, suggested: Suggestion, items: SplitItems): DescribedSet {
  const splits = splitsFor(items)
  const suggestion = splits.includes('given') ? { ...suggested, split: 'given' } : suggested
  return { description, suggestion, splits, columns: items.columns }
}

import type { DataKind } from '../../core/catalog.ts'
import { describeImages, type ImagesDescription } from './describeImages.ts'
import { describeTable, type TableDescription } from './describeTable.ts'
import { describeText, type TextDescription } from './describeText.ts'
import { suggestForImages, suggestForTable, suggestForText, type Suggestion } from './suggestTask.ts'

export type SetDescription = TextDescription | TableDescription | ImagesDescription

export interface DescribedSet {
  readonly description: SetDescription
  readonly suggestion: Suggestion
}

/**
 * What is in a set and what could be learned from it. A text passes through in pieces, all else is held whole. Throws what
 * reading the kind throws.
 */
export async function describeSet(kind: DataKind, content: AsyncIterable<Uint8Array>): Promise<DescribedSet> {
  if (kind === 'text') return { description: await describeText(content), suggestion: suggestForText() }
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for await (const piece of content) pieces.push(piece.slice())
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer())
  if (kind === 'images') {
    const description = describeImages(bytes)
    return { description, suggestion: suggestForImages(description) }
  }
  const { table, description } = describeTable(bytes)
  return { description, suggestion: suggestForTable(table) }
}

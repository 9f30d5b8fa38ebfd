import { wholeContent } from '../wholeContent.ts'

/** What is stored of a data set: read only where a step is computed. */
export interface Content {
  readonly sizeBytes: number
  pieces(): AsyncIterable<Uint8Array>
  /** All of it, read once. */
  whole(): Promise<Uint8Array>
}

export function contentOf(pieces: () => AsyncIterable<Uint8Array>, sizeBytes: number): Content {
  let reading: Promise<Uint8Array> | null = null
  return { sizeBytes, pieces, whole: () => (reading ??= wholeContent(pieces(), sizeBytes)) }
}

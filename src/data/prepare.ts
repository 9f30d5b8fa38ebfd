import type { DataKind } from '../core/catalog.ts'
import type { Prepared } from '../core/prepared.ts'
import { prepareImages } from './images/prepareImages.ts'
import { prepareText, type PrepareTextRequest } from './prepareText.ts'
import { utf8Text } from './reading/decodeText.ts'
import { prepareTable } from './table/prepareTable.ts'

export interface PrepareRequest extends Omit<PrepareTextRequest, 'textChunks'> {
  readonly kind: DataKind
  /** What is stored of the data set, in pieces. May be called twice. */
  content(): AsyncIterable<Uint8Array>
}

/**
 * Content to arrays, by its kind. Throws `split-too-short`, `split-kind`, `cancelled`, and what the reading of each kind
 * throws.
 */
export async function prepare({ kind, content, ...request }: PrepareRequest): Promise<Prepared> {
  if (kind === 'text') return prepareText({ ...request, textChunks: () => utf8Text(content()) })
  const bytes = await wholeContent(content(), request.sizeBytes)
  request.onProgress?.({ done: request.sizeBytes, total: 2 * request.sizeBytes })
  const prepared =
    kind === 'images' ? await prepareImages(bytes, request) : await prepareTable(bytes, request)
  request.onProgress?.({ done: 2 * request.sizeBytes, total: 2 * request.sizeBytes })
  return prepared
}

/** All pieces as one, of at most so many bytes. */
export async function wholeContent(
  pieces: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for await (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes.subarray(0, at)
}

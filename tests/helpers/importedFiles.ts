import { expect } from 'vitest'
import { sha256Hex } from '../../src/core/sha256.ts'
import { decodeImageSet, type ImageSet } from '../../src/data/images/imageSet.ts'
import { importFiles, type ImportedSummary } from '../../src/data/importFiles.ts'
import { memorySource, type ImportSource } from '../../src/data/reading/source.ts'

/** A file with the folders that it lies in. */
export function fileAt(path: string, content: Uint8Array | string): ImportSource {
  return { ...memorySource(path.split('/').at(-1)!, content), path }
}

/** What becomes of files, all of it; size and hash are those of the content. */
export async function readFiles(
  files: readonly ImportSource[],
): Promise<{ content: Uint8Array; summary: ImportedSummary }> {
  const reader = importFiles(files)
  const pieces: Uint8Array[] = []
  for (;;) {
    const next = await reader.next()
    if (!next.done) {
      pieces.push(next.value.slice())
      continue
    }
    const content = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer())
    expect([next.value.sizeBytes, next.value.sha256]).toEqual([content.length, sha256Hex(content)])
    return { content, summary: next.value }
  }
}

/** As {@link readFiles}, where they are pictures. */
export async function readImages(
  files: readonly ImportSource[],
): Promise<{ set: ImageSet; notices: string[] }> {
  const { content, summary } = await readFiles(files)
  expect(summary.kind).toBe('images')
  const set = decodeImageSet(content)
  expect(summary.counts.records).toBe(set.count)
  return { set, notices: summary.notices.map(({ message }) => message) }
}

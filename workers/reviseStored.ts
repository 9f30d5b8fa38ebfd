import type { DataKind } from '../src/core/catalog.ts'
import type { Revision } from '../src/core/decisions.ts'
import { TextCounts } from '../src/data/reading/textCounts.ts'
import { wholeContent } from '../src/data/wholeContent.ts'
import { reviseSet } from '../src/data/reviseSet.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { saveDataset } from '../src/storage/datasetStore.ts'
import type { DatasetManifest } from '../src/storage/types.ts'

interface Parent {
  readonly name: string
  readonly kind: DataKind
  readonly sha256: string
  readonly sizeBytes: number
  bytes(): AsyncIterable<Uint8Array>
}

/** Stores the next version of a set beside it; its manifest says whose. Throws what `reviseSet` and `saveDataset` throw. */
export async function reviseStored(
  db: BunsenDatabase,
  parent: Parent,
  { name, revision }: { readonly name: string; readonly revision: Revision },
): Promise<DatasetManifest> {
  const whole = await wholeContent(parent.bytes(), parent.sizeBytes)
  const { bytes, records } = reviseSet(parent.kind, whole, revision)
  const dropped = new Set(revision.drop)
  const relabelled = new Set(revision.relabel.map(({ item }) => item).filter((item) => !dropped.has(item)))
  const { manifest } = await saveDataset(db, [bytes], {
    expectedBytes: bytes.length,
    describe: (content) => ({
      ...content,
      version: 1,
      name,
      kind: parent.kind,
      createdAt: Date.now(),
      files: [],
      counts: countsOf(parent.kind, bytes, records),
      notices: [],
      origin: {
        sha256: parent.sha256,
        name: parent.name,
        dropped: dropped.size,
        relabelled: relabelled.size,
      },
    }),
  })
  return manifest
}

/** Only texts have characters to count. */
function countsOf(kind: DataKind, bytes: Uint8Array, records: number): DatasetManifest['counts'] {
  const counts = new TextCounts()
  if (kind === 'text') counts.push(new TextDecoder().decode(bytes))
  const { characters, lines, distinctCharacters } = counts
  return { characters, lines, distinctCharacters, records }
}

import { bundled } from 'virtual:bundled-data'
import type { DataKind } from '../src/core/catalog.ts'
import { DataError } from '../src/core/errors.ts'
import type { DataSource } from '../src/core/runConfig.ts'
import { fetchBundled } from '../src/data/datasets/fetchBundled.ts'
import { createSharedReading } from '../src/data/datasets/sharedReading.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { getDataset, readDataset } from '../src/storage/datasetStore.ts'

const sharedBundled = createSharedReading()

/** A data set, wherever it lies. */
export interface SourceContent {
  readonly name: string
  readonly kind: DataKind
  readonly sha256: string
  readonly sizeBytes: number
  /** Its pieces, which are not to be changed; may be called several times. */
  bytes(): AsyncIterable<Uint8Array>
}

/**
 * A set of this browser, or one that comes with the app. Throws DataError `unknown-name`, `dataset-missing`.
 *
 * @param baseUrl of the app, whose files the bundled sets are
 */
export async function sourceContent(
  db: BunsenDatabase,
  source: DataSource,
  baseUrl: string,
): Promise<SourceContent> {
  if (source.kind === 'bundled') {
    const entry = bundled.find((candidate) => candidate.id === source.id)
    if (!entry)
      throw new DataError(`There is no bundled data set called ${source.id}`, { code: 'unknown-name' })
    const { title, kind, sha256, sizeBytes } = entry
    const bytes = () => sharedBundled(sha256, (signal) => fetchBundled(entry, baseUrl, signal))
    return { name: title, kind, sha256, sizeBytes, bytes }
  }
  const manifest = await getDataset(db, source.sha256)
  if (!manifest) {
    throw new DataError(
      `This browser does not hold the data set ${source.name || 'without a name'} (${source.sizeBytes} bytes, SHA-256 ${source.sha256.slice(0, 12)}…)`,
      {
        code: 'dataset-missing',
        remedy: 'Drop the file on the page; it is recognised by its hash.',
        details: { name: source.name, sha256: source.sha256, sizeBytes: source.sizeBytes },
      },
    )
  }
  return {
    name: manifest.name,
    kind: manifest.kind,
    sha256: manifest.sha256,
    sizeBytes: manifest.sizeBytes,
    bytes: () => readDataset(db, source.sha256),
  }
}

import type { BundledEntry, DataKind } from '../../core/catalog.ts'
import type { DataSource } from '../../core/runConfig.ts'
import type { Datasets } from '../../runs/datasets.svelte.ts'
import { formatCount, formatSize } from '../format.ts'

/** A set of this browser, and a piece of one, as the list of data sets gives them. */
export type DatasetManifest = Datasets['list'][number]
export type TextPreview = Awaited<ReturnType<Datasets['preview']>>
export type ItemsPreview = Awaited<ReturnType<Datasets['previewItems']>>

/** A data set in the list, whether it comes with the app or was dropped. */
export interface SetItem {
  /** Unique in the list, and in the address. */
  id: string
  name: string
  kind: DataKind
  sizeBytes: number
  sha256: string
  /** One line below the name. */
  summary: string
  source: DataSource
  bundled: BundledEntry | null
  stored: DatasetManifest | null
}

/** What the items of a kind are called. */
export const itemsOf: Record<Exclude<DataKind, 'text'>, string> = { images: 'pictures', table: 'rows' }

export function bundledItem(entry: BundledEntry): SetItem {
  return {
    id: entry.id,
    name: entry.title,
    kind: entry.kind,
    sizeBytes: entry.sizeBytes,
    sha256: entry.sha256,
    summary: `${entry.kind} · ${formatSize(entry.sizeBytes)}`,
    source: { kind: 'bundled', id: entry.id },
    bundled: entry,
    stored: null,
  }
}

export function storedItem(manifest: DatasetManifest): SetItem {
  const { name, sha256, sizeBytes, kind, files, counts } = manifest
  const what =
    kind !== 'text'
      ? `${formatCount(counts.records)} ${itemsOf[kind]}`
      : files.length > 1
        ? `${files.length} files`
        : `${formatCount(counts.lines)} lines`
  return {
    id: sha256.slice(0, 16),
    name,
    kind,
    sizeBytes,
    sha256,
    summary: `${kind} · ${formatSize(sizeBytes)} · ${what}`,
    source: { kind: 'stored', name, sha256, sizeBytes },
    bundled: null,
    stored: manifest,
  }
}

/** Whether two sources are the same set; a stored one is found by its hash alone. */
export function isSameSource(a: DataSource, b: DataSource): boolean {
  if (a.kind === 'stored') return b.kind === 'stored' && a.sha256 === b.sha256
  return b.kind === 'bundled' && a.id === b.id
}

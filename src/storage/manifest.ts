import { isListOf, isNumber, isRecord, isText } from '../core/predicates.ts'
import type { DatasetManifest } from './types.ts'

/** What the page relies on when it shows a data set. */
const checks: Record<keyof DatasetManifest, (value: unknown) => boolean> = {
  sha256: isText,
  version: (value) => value === 1,
  name: isText,
  kind: isText,
  sizeBytes: isNumber,
  createdAt: isNumber,
  files: (value) =>
    isListOf(
      value,
      (file) => isText(file['name']) && isNumber(file['sizeBytes']) && isText(file['importer']),
    ),
  counts: (value) =>
    isRecord(value) &&
    ['characters', 'lines', 'distinctCharacters', 'records'].every((count) => isNumber(value[count])),
  notices: (value) => isListOf(value, (notice) => isText(notice['level']) && isText(notice['message'])),
  found: (value) => value === undefined || (isRecord(value) && Object.values(value).every(isText)),
  origin: (value) =>
    value === undefined ||
    (isRecord(value) &&
      isText(value['sha256']) &&
      isText(value['name']) &&
      isNumber(value['dropped']) &&
      isNumber(value['relabelled'])),
}

/** The first field of a stored manifest that cannot be used, or null where it is sound. */
export function brokenField(manifest: unknown, sha256: string): string | null {
  if (!isRecord(manifest)) return 'manifest'
  if (manifest['sha256'] !== sha256) return 'sha256'
  const broken = Object.entries(checks).find(([field, isSound]) => !isSound(manifest[field]))
  return broken?.[0] ?? null
}

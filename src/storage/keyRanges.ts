/*
 * Ranges over compound keys. In IndexedDB's order numbers come before strings and strings before lists, so that `[]`
 * is above every last part of a key.
 */

/** All log chunks of a run. */
export function logRange(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []])
}

/** All generations of one slot of a run, or of all its slots. */
export function checkpointRange(runId: string, slot?: string): IDBKeyRange {
  const prefix = slot === undefined ? [runId] : [runId, slot]
  return IDBKeyRange.bound(prefix, [...prefix, []])
}

/** All pieces of one content in `blobs`. */
export function chunkRange(contentId: string): IDBKeyRange {
  return IDBKeyRange.bound([contentId], [contentId, []])
}

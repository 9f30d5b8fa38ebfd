import type { JsonValue } from './checkpoint.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { readSetting, writeSetting } from './settingsStore.ts'

/** Under which setting it is kept what a set's checks are told beforehand; the setting goes with the set. */
export function askedKey(sha256: string): string {
  return `checks/${sha256}`
}

/** As it was kept, to be checked by the reader; undefined where nothing was. */
export function readAsked(db: BunsenDatabase, sha256: string): Promise<unknown> {
  return readSetting(db, askedKey(sha256))
}

/** @throws StorageError `setting-too-large` */
export function keepAsked(db: BunsenDatabase, sha256: string, asked: JsonValue): Promise<void> {
  return writeSetting(db, askedKey(sha256), asked)
}

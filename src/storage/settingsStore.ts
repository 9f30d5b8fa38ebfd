import { StorageError } from '../core/errors.ts'
import type { JsonValue } from './checkpoint.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { attempt, transact } from './transact.ts'

/** Settings are small: theme, open panels, sizes of columns. */
export const maxSettingCharacters = 65_536

/** What was stored under a key, to be checked by the reader; undefined where there is nothing. */
export function readSetting(db: BunsenDatabase, key: string): Promise<unknown> {
  return attempt(`reading the setting "${key}"`, () => db.get('settings', key))
}

/** @throws StorageError `setting-too-large` */
export async function writeSetting(db: BunsenDatabase, key: string, value: JsonValue): Promise<void> {
  const { length } = JSON.stringify(value)
  if (length > maxSettingCharacters) {
    throw new StorageError(
      `storage: setting "${key}" may have ${maxSettingCharacters} characters of JSON, got ${length}`,
      { code: 'setting-too-large', details: { key, length } },
    )
  }
  await transact(db, ['settings'], `saving the setting "${key}"`, (tx) =>
    tx.objectStore('settings').put(value, key),
  )
}

export async function deleteSetting(db: BunsenDatabase, key: string): Promise<void> {
  await transact(db, ['settings'], `removing the setting "${key}"`, (tx) =>
    tx.objectStore('settings').delete(key),
  )
}

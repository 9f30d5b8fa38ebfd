import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { deleteSetting, maxSettingCharacters, readSetting, writeSetting } from './settingsStore.ts'
import { openFresh } from './testRecords.ts'

test('a setting comes back, is replaced and removed', async () => {
  const db = await openFresh()
  expect(await readSetting(db, 'theme')).toBeUndefined()
  await writeSetting(db, 'theme', { name: 'dark', sizes: [1, null] })
  expect(await readSetting(db, 'theme')).toEqual({ name: 'dark', sizes: [1, null] })
  await writeSetting(db, 'theme', 'light')
  expect(await readSetting(db, 'theme')).toBe('light')
  await deleteSetting(db, 'theme')
  expect(await readSetting(db, 'theme')).toBeUndefined()
})

test('a setting that is no longer small is refused and the old one kept', async () => {
  const db = await openFresh()
  await writeSetting(db, 'note', 'short')
  const long = 'x'.repeat(maxSettingCharacters)
  await expect(writeSetting(db, 'note', long)).rejects.toMatchObject({ code: 'setting-too-large' })
  expect(await readSetting(db, 'note')).toBe('short')
})

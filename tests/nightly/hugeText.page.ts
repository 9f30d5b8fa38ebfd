import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { dropPaths, profilesOfATest } from '../e2e/app.ts'
import { watchMemory, writeLargeText, type LargeText } from './largeText.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()
const folder = mkdtempSync(join(tmpdir(), 'bunsen-huge-'))
const path = join(folder, 'huge.txt')
/** What an import may take beside what the page has anyway. */
const mostBytes = 300e6
let wanted: LargeText

beforeAll(async () => {
  wanted = await writeLargeText(path, 2e9)
})
afterAll(() => rmSync(folder, { recursive: true }))

it('a text of 2 GB is imported in bounded memory', async () => {
  const profile = await fresh({ folder: join(folder, 'profile') })
  const page = await profile.open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  const memory = watchMemory(profile)
  const before = await memory.told('opened')
  await dropPaths(page, [path])
  const list = page.getByRole('region', { name: 'Yours' })
  await list.getByText('huge', { exact: true }).waitFor({ timeout: 560_000 })
  const most = await memory.told('imported')
  memory.end()
  expect(most - before).toBeLessThan(mostBytes)
  await list.getByText('huge', { exact: true }).click()
  await page.getByTitle(wanted.sha256).waitFor()
  expect(profile.errors).toEqual([])
})

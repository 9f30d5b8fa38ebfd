import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import {
  dropPaths,
  linkOf,
  profilesOfATest,
  startRun,
  storedLosses,
  tinyConfig,
  waitForStatus,
} from '../e2e/app.ts'
import { watchMemory, writeLargeText, type LargeText } from './largeText.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()
const folder = mkdtempSync(join(tmpdir(), 'bunsen-large-'))
const path = join(folder, 'large.txt')
let wanted: LargeText

beforeAll(async () => {
  wanted = await writeLargeText(path, 200e6)
})
afterAll(() => rmSync(folder, { recursive: true }))

it('a text of 200 MB is read, stored, listed with its size and hash, shown, and trained on', async () => {
  const profile = await fresh({ folder: join(folder, 'profile') })
  const page = await profile.open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  const memory = watchMemory(profile)
  await memory.told('opened')
  await dropPaths(page, [path])
  const list = page.getByRole('region', { name: 'Yours' })
  await list.getByText('large', { exact: true }).waitFor({ timeout: 400_000 })
  await memory.told('imported')
  expect(await list.innerText()).toMatch(
    new RegExp(`text · ${Math.round(wanted.sizeBytes / 1e6)} MB · .* lines`),
  )
  await list.getByText('large', { exact: true }).click()
  await page.getByTitle(wanted.sha256).waitFor()
  const facts = (await page.locator('dl').first().innerText()).replace(/(?<=\d)\s(?=\d)/g, '')
  expect(facts).toContain(`Characters\n${wanted.characters}\nLines\n${wanted.lines}\n`)
  await page.getByText('Copy 0').first().waitFor()

  const { sha256, sizeBytes } = wanted
  const source = { kind: 'stored', name: 'large', sha256, sizeBytes }
  await page.goto(linkOf(baseUrl, tinyConfig({ steps: 5, source })))
  await page.reload()
  await startRun(page)
  await waitForStatus(page, 'done', 400_000)
  await memory.told('trained')
  expect([...(await storedLosses(page)).values()].filter(Number.isFinite)).toHaveLength(5)
  expect(profile.errors).toEqual([])
  memory.end()
})

import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { loadBundledText } from '../../src/data/datasets/bundledNode.ts'
import {
  dropPaths,
  linkOf,
  profilesOfATest,
  startRun,
  storedLosses,
  tinyConfig,
  waitForStatus,
  type Profile,
} from '../e2e/app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()
const folder = mkdtempSync(join(tmpdir(), 'bunsen-large-'))
const path = join(folder, 'large.txt')
const wanted = { sizeBytes: 0, sha256: '', lines: 0, characters: 0 }

/** 200 MB: a book again and again, each time with a number, so that no two stretches are the same. */
beforeAll(async () => {
  const book = await loadBundledText('moby-dick')
  const hash = createHash('sha256')
  const [lines, characters] = [book.trim().split('\n').length, [...book.trim()].length]
  const file = openSync(path, 'w')
  for (let i = 0; wanted.sizeBytes < 200e6; i++) {
    const part = Buffer.from(`Copy ${i}\n${book.trim()}\n`)
    hash.update(part)
    writeSync(file, part)
    wanted.sizeBytes += part.length
    wanted.lines += lines + 1
    wanted.characters += characters + `Copy ${i}\n\n`.length
  }
  closeSync(file)
  wanted.sha256 = hash.digest('hex')
})
afterAll(() => rmSync(folder, { recursive: true }))

it('a text of 200 MB is read, stored, listed with its size and hash, shown, and trained on', async () => {
  const profile = await fresh({ folder: join(folder, 'profile') })
  const page = await profile.open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  const memory = watch(profile)
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

/** Says what the renderer, which holds the page and its workers, has held at most: a page that is left ends its process. */
function watch(profile: Profile) {
  let mostBytes = 0
  const look = async () => {
    mostBytes = Math.max(mostBytes, (await profile.peakBytes())['renderer'] ?? 0)
  }
  const timer = setInterval(() => void look().catch(() => {}), 1000)
  return {
    async told(what: string) {
      await look()
      const seconds = Math.round(performance.now() / 1000)
      process.stdout.write(`${what} after ${seconds} s, at most ${Math.round(mostBytes / 1e6)} MB\n`)
      mostBytes = 0
    },
    end: () => clearInterval(timer),
  }
}

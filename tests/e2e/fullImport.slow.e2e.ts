import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import {
  dropFiles,
  dropPaths,
  linkOf,
  openProfile,
  startRun,
  storedEvents,
  tinyConfig,
  waitForStatus,
} from './app.ts'
import { disksOfATest, type SmallDisk } from './smallDisk.ts'
import { storedCounts } from './storedCounts.ts'

const baseUrl = inject('baseUrl')
const disks = disksOfATest()
const early = 'the cat sat on the mat and the dog sat on the log. '.repeat(80)

/** Nine pieces of text that no file system compresses much. */
const megabytes = 36
const folder = mkdtempSync(join(tmpdir(), 'bunsen-dropped-'))
const path = join(folder, 'large.txt')
const text = Array.from({ length: megabytes * 10_000 }, (_, i) =>
  createHash('sha512').update(String(i)).digest('base64url').replace(/.{86}/, '$&,and then\n').slice(-100),
).join('')
afterAll(() => rmSync(folder, { recursive: true }))

interface Cause {
  readonly name: string
  before?(page: Page): unknown
  /** In the middle. */
  fill?(disk: SmallDisk): unknown
  makeRoom(page: Page, disk: SmallDisk): unknown
}

const causes: readonly Cause[] = [
  { name: 'the disk', fill: (disk) => disk.fill(), makeRoom: (_page, disk) => disk.makeRoom() },
  // Of which the browser's own estimate says nothing, so that the import is begun. Up to 21 MB are the reserve's, and what is
  // written is counted late: a quiet machine came to 40 MB of a share of 35.
  {
    name: 'the share of this site',
    before: (page) => setQuota(page, 29e6),
    makeRoom: (page) => setQuota(page),
  },
]

/** What this site may use at most; without a number as it was. */
async function setQuota(page: Page, quotaSize?: number): Promise<void> {
  const { origin } = new URL(page.url())
  const session = await page.context().newCDPSession(page)
  const size = quotaSize === undefined ? {} : { quotaSize }
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...size })
}

describe.each(causes)('$name full in the middle of an import', ({ before, fill, makeRoom }) => {
  it('costs nothing that was stored, leaves nothing behind, and the same drop is stored when there is room', async (ctx) => {
    const disk = disks.make()
    if (disk === null) return ctx.skip('needs the right to mount a small file system')
    writeFileSync(path, text)
    const profile = await openProfile({ folder: join(disk.folder, 'profile') })
    disks.before(() => profile.close())
    const page = await profile.open(linkOf(baseUrl, tinyConfig({ steps: 10 })))
    await before?.(page)
    await startRun(page)
    await waitForStatus(page, 'done')
    await page.goto(`${baseUrl}data`)
    await page.getByText('Moby-Dick').first().waitFor()
    const list = page.getByRole('region', { name: 'Yours' })
    await dropFiles(page, [{ name: 'early.txt', content: early }])
    await list.getByText('early', { exact: true }).waitFor()
    const events = await storedEvents(page)

    await dropPaths(page, [path])
    const staged = async () => (await storedCounts(page)).stagedPieces
    await expect.poll(staged, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0)
    await fill?.(disk)
    const failed = page.getByRole('list', { name: 'On the way in' }).getByRole('listitem')
    await failed.getByRole('button', { name: 'Dismiss' }).waitFor({ timeout: 60_000 })
    // Chromium may say that there is no room, or only that it could not write.
    expect(await failed.innerText()).toMatch(
      /^large\.txt\s+The data set was not stored: the disk .* is full\. What was stored before is kept\.\s+(Delete runs or data sets .*, or free disk|Free some) space.*, then try again\./,
    )
    // A disk without any room cannot even note that a piece is gone: it goes before the next is stored.
    expect(await storedCounts(page)).toMatchObject({
      datasets: 1,
      lostPieces: 0,
      ...(fill === undefined && { stagedPieces: 0 }),
    })
    expect(await list.getByRole('listitem').count()).toBe(1)
    expect(await storedEvents(page)).toEqual(events)

    await makeRoom(page, disk)
    await failed.getByRole('button', { name: 'Dismiss' }).click()
    await dropPaths(page, [path])
    await list.getByText('large', { exact: true }).waitFor({ timeout: 60_000 })
    expect(await storedCounts(page)).toMatchObject({ datasets: 2, stagedPieces: 0, lostPieces: 0 })
    await list.getByText('large', { exact: true }).click()
    await page.getByTitle(createHash('sha256').update(text).digest('hex')).waitFor()
    await list.getByText('early', { exact: true }).click()
    await page.getByText('the cat sat on the mat').first().waitFor()
    expect(profile.errors).toEqual([])
  })
})

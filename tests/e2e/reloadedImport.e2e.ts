import { expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { profilesOfATest } from './app.ts'
import { storedCounts } from './storedCounts.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

/** Drops a text of so many megabytes, made in the page. */
async function dropText(page: Page, megabytes: number): Promise<void> {
  await page.evaluate((count) => {
    const block = 'The whale swam on, and on the deck they sang of it.\n'.repeat(20_000).slice(0, 1e6)
    const transfer = new DataTransfer()
    transfer.items.add(new File(Array<string>(count).fill(block), 'long.txt'))
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }),
      )
  }, megabytes)
}

it('leaves no set behind where the page is loaded anew in the middle of an import, which is done again', async () => {
  const megabytes = 24
  const page = await (await fresh()).open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  await dropText(page, megabytes)
  await expect
    .poll(async () => (await storedCounts(page)).stagedPieces, { timeout: 60_000 })
    .toBeGreaterThan(1)
  expect((await storedCounts(page)).datasets).toBe(0)
  await page.reload()
  await page.getByText('Moby-Dick').first().waitFor()
  // What was written is held by its sign of life until it is swept, beside what else is being stored; nothing points to it.
  const { datasets, stagedPieces } = await storedCounts(page)
  expect(datasets).toBe(0)
  expect(stagedPieces).toBeGreaterThan(0)
  expect(await page.getByText('long', { exact: true }).count()).toBe(0)
  await dropText(page, megabytes)
  await page
    .getByRole('navigation', { name: 'Data sets' })
    .getByText('long', { exact: true })
    .waitFor({ timeout: 120_000 })
  expect((await storedCounts(page)).datasets).toBe(1)
})

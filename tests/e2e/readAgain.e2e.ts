import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, expect, inject, it } from 'vitest'
import { profilesOfATest } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()
const folder = mkdtempSync(join(tmpdir(), 'bunsen-again-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As a person does with a mouse: only then the browser gives handles of what is dropped. */
async function drag(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data })
}

function table(rows: number): string {
  return ['x,y', ...Array.from({ length: rows }, (_, i) => `${i},${i % 2 ? 'odd' : 'even'}`)].join('\n')
}

it('a file and a folder that were dropped are read again from the disk, also after a reload', async () => {
  const file = join(folder, 'numbers.csv')
  const texts = join(folder, 'texts')
  writeFileSync(file, table(20))
  mkdirSync(texts)
  writeFileSync(join(texts, 'a.txt'), 'The first of two texts.\n'.repeat(20))
  const { open, errors } = await fresh()
  const page = await open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  const yours = page.getByRole('region', { name: 'Yours' })

  await drag(page, file)
  await yours.getByText(/20 rows/).click()
  const again = page.getByRole('button', { name: 'Read again' })
  await again.click()
  await page.getByText('Nothing has changed there.').waitFor()
  writeFileSync(file, table(30))
  await again.click()
  await yours.getByText(/30 rows/).waitFor()
  await page.getByText(/^30$/).first().waitFor()
  await yours.getByText(/20 rows/).waitFor()

  await drag(page, texts)
  await yours.getByText('texts', { exact: true }).click()
  writeFileSync(join(texts, 'b.txt'), 'The second of two texts.\n'.repeat(20))
  await again.click()
  await expect.poll(() => yours.getByText('texts', { exact: true }).count()).toBe(2)

  await page.reload()
  await yours.getByText(/30 rows/).click()
  await page.getByText('On this computer: numbers.csv').waitFor()
  rmSync(file)
  await again.click()
  await page
    .getByText(/numbers\.csv: (cannot be read where it lay|the browser was not allowed)/)
    .first()
    .waitFor()
  expect(errors).toEqual([])
})

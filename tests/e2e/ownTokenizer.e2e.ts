import { describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { trainBpe } from '../../src/data/tokenizers/bpe.ts'
import {
  canStart,
  dropFiles,
  linkOf,
  profilesOfATest,
  startRun,
  storedEvents,
  tinyConfig,
  waitForStatus,
} from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

/** A byte-level BPE of 270 tokens as a file. */
async function ownFile(): Promise<string> {
  const pieces = async function* () {
    yield 'Call me Ishmael. The whale, the whale! '.repeat(20)
  }
  return JSON.stringify(await trainBpe(pieces(), { vocabSize: 270, minCount: 2 }, []))
}

async function choose(page: Page, content: string): Promise<void> {
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'choose a tokenizer.json' }).click()
  const chooser = await choosing
  await chooser.setFiles({
    name: 'whale.json',
    mimeType: 'application/json',
    buffer: Buffer.from(content),
  })
}

describe('a tokenizer of one’s own', () => {
  it('is chosen, trained with, kept, and asked for by name and hash where a link needs it', async () => {
    const file = await ownFile()
    const page = await (await fresh()).open(linkOf(baseUrl, tinyConfig({ steps: 20 })))
    await canStart(page)
    const unigram = JSON.stringify({ ...(JSON.parse(file) as object), model: { type: 'Unigram', vocab: [] } })
    await choose(page, unigram)
    expect(await page.getByRole('alert').filter({ hasText: 'Unigram' }).innerText()).toMatch(/not read/)
    await choose(page, file)
    await page
      .locator('select option:checked', { hasText: /whale\.json · 270 tokens/ })
      .waitFor({ state: 'attached' })
    await page
      .getByRole('button', { name: /Copy link/ })
      .first()
      .click()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    await startRun(page)
    await waitForStatus(page, 'done')
    const first = (await storedEvents(page)).find(({ type, step }) => type === 'metrics' && step === 1)!
    // Chance among 270, the vocabulary of the file.
    expect(Math.abs(first.values!['train/loss']! - Math.log(270))).toBeLessThan(0.5)

    await page.goto(link)
    await page.reload()
    await canStart(page)
    const other = await (await fresh()).open(link)
    await other.getByText(/need a tokenizer that is not in this browser: whale\.json/).waitFor()
    await canStart(other, false)
    await dropFiles(other, [{ name: 'tokenizer.json', content: file }])
    await startRun(other)
    await waitForStatus(other, 'done')
    const losses = async (of: Page) =>
      (await storedEvents(of)).flatMap(({ values }) => values?.['train/loss'] ?? [])
    expect(await losses(other)).toEqual(await losses(page))
  })
})

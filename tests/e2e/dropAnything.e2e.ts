import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { gzipSync, strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { importFiles } from '../../src/data/importFiles.ts'
import { blobSource, memorySource } from '../../src/data/reading/source.ts'
import { soundFiles } from '../fixtures/data/writers.ts'
import { readFiles } from '../helpers/importedFiles.ts'
import {
  canStart,
  dropFiles,
  linkOf,
  profilesOfATest,
  storedLosses,
  tinyConfig,
  waitForStatus,
} from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

let other: Server
let otherUrl = ''

beforeAll(async () => {
  other = createServer((request, response) => {
    if (request.url?.startsWith('/open/')) response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('x,y,label\n1,2,a\n3,4,b\n5,6,a\n')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  otherUrl = `http://127.0.0.1:${typeof address === 'object' ? address!.port : 0}`
})
afterAll(() => other.close())

async function dataPage(): Promise<Page> {
  const page = await (await fresh()).open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  return page
}

/** Waits until a set of this name is listed, with what stands below it. */
async function isListed(page: Page, name: string, words: RegExp): Promise<void> {
  await page.getByRole('navigation', { name: 'Data sets' }).getByText(name, { exact: true }).first().waitFor()
  await page.getByRole('navigation', { name: 'Data sets' }).getByText(words).first().waitFor()
}

describe('what is dropped', () => {
  it.each([
    ['parquet', 'a', /table · .* · 8 rows/],
    ['npz', 'a', /images · .* · 4 pictures/],
    ['safetensors', 'a', /images · .* · 4 pictures/],
    ['zipOfPictures', 'a', /images · .* · 2 pictures/],
    ['gzip', 'a', /table · .* · 8 rows/],
  ])('becomes a set of its kind: %s', async (format, name, words) => {
    const page = await dataPage()
    const file = soundFiles[format]!()
    await dropFiles(page, [{ name: file.name, content: [...file.bytes] }])
    await isListed(page, name, words)
  })

  it.each(['zipOfPictures', 'csv', 'text'])(
    'is downloaded as a file that is the same set: %s',
    async (format) => {
      const page = await dataPage()
      const { name, bytes } = soundFiles[format]!()
      await dropFiles(page, [{ name, content: [...bytes] }])
      await page.getByRole('region', { name: 'Yours' }).getByText('a', { exact: true }).click()
      const fact = page.getByTitle(/^[0-9a-f]{64}$/)
      const sha256 = await fact.getAttribute('title')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download', exact: true }).click(),
      ])
      const saved = readFileSync(await download.path())
      const { summary } = await readFiles([memorySource(download.suggestedFilename(), saved)])
      expect(summary.sha256).toBe(sha256)
    },
  )

  it('is the same set in the browser and in Node, whatever format the pictures have', async () => {
    const stored = JSON.parse(
      readFileSync(new URL('../fixtures/pictures/pictures.json', import.meta.url), 'utf8'),
    ) as Record<string, { bytes: string }>
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>'
    const pictures = Object.entries(stored).map(([name, { bytes }], i): [string, Uint8Array] => [
      `pictures/${i}.${name.split(/\W/)[0]!}`,
      new Uint8Array(Buffer.from(bytes, 'base64')),
    ])
    const zip = zipSync(Object.fromEntries([...pictures, ['pictures/drawing.svg', strToU8(drawing)]]))
    const page = await dataPage()
    await dropFiles(page, [{ name: 'pictures.zip', content: [...zip] }])
    await isListed(page, 'pictures', new RegExp(`images · .* · ${pictures.length + 1} pictures`))
    await page
      .getByRole('navigation', { name: 'Data sets' })
      .getByText('pictures', { exact: true })
      .first()
      .click()
    const import_ = importFiles([blobSource(new Blob([zip.slice()]), 'pictures.zip')])
    let step = await import_.next()
    while (!step.done) step = await import_.next()
    await page.getByTitle(step.value.sha256).first().waitFor()
  })

  it('and cannot be read says why: a gzip file that is cut off, a pickle in one', async () => {
    const page = await dataPage()
    const whole = gzipSync(new TextEncoder().encode('some text\n'.repeat(50)))
    await dropFiles(page, [{ name: 'cut.txt.gz', content: [...whole.subarray(0, -9)] }])
    await page
      .getByText(/the gzip file is damaged/)
      .first()
      .waitFor()
    await dropFiles(page, [{ name: 'm.gz', content: [...gzipSync(Uint8Array.of(0x80, 4, 0x95, 1))] }])
    await page
      .getByText(/Opening this format runs code/)
      .first()
      .waitFor()
  })
})

describe('weights that Bunsen did not save', () => {
  const hub = (name: string) => [...readFileSync(new URL(`../fixtures/hub/gpt2/${name}`, import.meta.url))]

  it('become a run that trains on, and say which file is broken', async () => {
    const page = await (await fresh()).open(linkOf(baseUrl, tinyConfig({ steps: 6 })))
    await canStart(page)
    // As many letters as that model's vocabulary has tokens.
    await dropFiles(page, [{ name: 'letters.txt', content: 'abcdefghij '.repeat(60) }])
    await page.getByText('Learns from letters').waitFor()
    await dropFiles(page, [{ name: 'cut.safetensors', content: hub('model.safetensors').slice(0, 900) }])
    await page
      .getByText(/^cut\.safetensors: safetensors: /)
      .first()
      .waitFor()
    await dropFiles(page, [
      { name: 'model.safetensors', content: hub('model.safetensors') },
      { name: 'config.json', content: hub('config.json') },
    ])
    await page.getByRole('link', { name: 'GPT-2 of model.safetensors' }).click({ timeout: 90_000 })
    await page.getByRole('button', { name: 'Continue' }).click()
    await waitForStatus(page, 'done')
    const losses = await storedLosses(page)
    expect([...losses.keys()]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...losses.values()].every(Number.isFinite)).toBe(true)
    // The same in a zip, and one that is cut off.
    const packed = Object.fromEntries(
      ['model.safetensors', 'config.json'].map((name) => [name, Uint8Array.from(hub(name))]),
    )
    const zip = [...zipSync(packed)]
    await dropFiles(page, [{ name: 'cut.zip', content: zip.slice(0, 900) }])
    await page
      .getByText(/^cut\.zip: the zip archive is damaged/)
      .first()
      .waitFor()
    await dropFiles(page, [{ name: 'letters-model.zip', content: zip }])
    await page.getByRole('link', { name: 'GPT-2 of letters-model.zip' }).waitFor({ timeout: 90_000 })
  })
})

describe('what is elsewhere', () => {
  it('is fetched from a host that lets pages read it, and explained where one does not', async () => {
    const page = await dataPage()
    const field = page.getByLabel('Address of a file')
    await field.fill(`${otherUrl}/open/points.csv`)
    await page.getByRole('button', { name: 'Fetch' }).click()
    await isListed(page, 'points', /table · .* · 3 rows/)
    await field.fill(`${otherUrl}/closed/points.csv`)
    await page.getByRole('button', { name: 'Fetch' }).click()
    await page
      .getByText(/does not let other pages read/)
      .first()
      .waitFor()
  })

  it('is pasted as a text or a table', async () => {
    const page = await dataPage()
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      clipboardData.setData(
        'text/plain',
        `name\tsize\tlabel\n${'wren\t9\tsmall\ncrane\t120\tlarge\n'.repeat(3)}`,
      )
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }),
      )
    })
    await isListed(page, 'pasted', /table · .* · 6 rows/)
  })
})

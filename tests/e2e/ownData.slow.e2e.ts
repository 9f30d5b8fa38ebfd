import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import {
  type DroppedFile,
  canStart,
  dropFiles,
  linkOf,
  profilesOfATest,
  startRun,
  storedLosses,
  tinyConfig,
  waitForStatus,
  waitForStep,
} from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()
const verse = 'the cat sat on the mat and the dog sat on the log. '

/** Waits until the configuration names the dropped set: its name stands elsewhere before. */
async function isSource(page: Page, name: string): Promise<void> {
  await page
    .locator('select option:checked', { hasText: new RegExp(`^\\s*${name} `) })
    .first()
    .waitFor({ state: 'attached' })
}

describe('data of one’s own', () => {
  it('is dropped, trained on, sampled, downloaded, and taken up again in another browser', async () => {
    const profile = await fresh()
    const page = await profile.open(
      linkOf(baseUrl, tinyConfig({ steps: 60, evaluation: { checkpointEvery: 30 } })),
    )
    await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
    await dropFiles(page, [
      {
        name: 'b.jsonl',
        content: Array.from({ length: 60 }, () => JSON.stringify({ text: verse })).join('\n'),
      },
      { name: 'a.txt', content: `\u00e9t\u00e9 ${verse.repeat(60)}` },
    ])
    await isSource(page, '[ab] and 1 more')
    await startRun(page)
    await waitForStatus(page, 'done')
    const losses = await storedLosses(page)
    expect(losses.get(60)!).toBeLessThan(losses.get(1)! - 0.5)

    await page.goto(`${baseUrl}runs`)
    await page.getByRole('row', { name: /Tiny/ }).getByRole('link').first().click()
    const downloading = page.waitForEvent('download')
    await page
      .getByRole('button', { name: /Download/ })
      .first()
      .click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^tiny-.*\.safetensors$/)
    const bytes = readFileSync(await download.path())
    const zipping = page.waitForEvent('download')
    await page
      .getByRole('button', { name: /^Model for transformers/ })
      .first()
      .click()
    const zip = await zipping
    expect(zip.suggestedFilename()).toMatch(/\.zip$/)
    const names = readFileSync(await zip.path()).toString('latin1')
    for (const name of ['model.safetensors', 'config.json']) expect(names).toContain(name)

    const other = await fresh()
    const elsewhere = await other.open(`${baseUrl}runs`)
    await elsewhere
      .getByText(/No runs yet|no runs/i)
      .first()
      .waitFor()
    await dropFiles(elsewhere, [{ name: 'tiny.safetensors', content: [...bytes] }])
    await elsewhere
      .getByRole('row', { name: /imported/ })
      .getByRole('link')
      .first()
      .click()
    await elsewhere
      .getByText(/step 60|60/)
      .first()
      .waitFor()
    const again = elsewhere.waitForEvent('download')
    await elsewhere
      .getByRole('button', { name: /Download/ })
      .first()
      .click()
    expect(readFileSync(await (await again).path()).equals(bytes)).toBe(true)
  })

  it('is learned by heart when there is no more of it than one batch', async () => {
    const page = await (await fresh()).open(baseUrl)
    await canStart(page)
    await dropFiles(page, [{ name: 'proverb.txt', content: 'a stitch in time ' + 'saves a lot more.' }])
    await isSource(page, 'proverb')
    await page
      .getByRole('button', { name: /Copy link/ })
      .first()
      .click()
    const code = new URL(await page.evaluate(() => navigator.clipboard.readText())).hash.slice(3)
    const { data } = JSON.parse(inflateRawSync(Buffer.from(code, 'base64url').subarray(5)).toString()) as {
      data: { source: object }
    }
    const config = {
      ...tinyConfig({ steps: 300, evaluation: { checkpointEvery: 300 } }),
      data: { source: data.source, split: { kind: 'tail', fraction: 0.5 } },
      model: { numLayers: 1, embedDim: 32, seqLen: 16, numHeads: 2, dropoutRate: 0 },
    }
    await page.goto(linkOf(baseUrl, config))
    await page.reload()
    await startRun(page)
    await waitForStatus(page, 'done')
    const losses = await storedLosses(page)
    expect(losses.get(1)!).toBeGreaterThan(2)
    expect(losses.get(300)!).toBeLessThan(0.01)
  })

  it('is asked for by name, size and hash when a link needs it, and recognised when it is dropped', async () => {
    const text = verse.repeat(80)
    const first = await fresh()
    const page = await first.open(linkOf(baseUrl, tinyConfig({ steps: 5 })))
    await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
    await dropFiles(page, [{ name: 'verse.txt', content: text }])
    await isSource(page, 'verse')
    await page
      .getByRole('button', { name: /Copy link/ })
      .first()
      .click()
    const link = await page.evaluate(() => navigator.clipboard.readText())

    const second = await fresh()
    const other = await second.open(link)
    await other
      .getByText(/[0-9a-f]{8}/)
      .first()
      .waitFor()
    await canStart(other, false)
    await dropFiles(other, [{ name: 'renamed.txt', content: text }])
    await startRun(other)
    await waitForStatus(other, 'done')
    expect((await storedLosses(other)).size).toBe(5)
  })
})

describe('bad input', () => {
  it('each gets its own words, and nothing is half stored', async () => {
    const profile = await fresh()
    const page = await profile.open(`${baseUrl}data`)
    await page.getByText('Moby-Dick').first().waitFor()
    const cases: [DroppedFile, RegExp][] = [
      [{ name: 'photo.png', content: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 0] }, /PNG|image/i],
      [{ name: 'empty.txt', content: '' }, /empty/i],
      [{ name: 'model.pkl', content: [0x80, 4, 0x95, 0, 0, 0] }, /pickle|code/i],
      [{ name: 'cut.safetensors', content: [8, 0, 0, 0, 0, 0, 0, 0, 0x7b] }, /safetensors/i],
    ]
    for (const [file, words] of cases) {
      await dropFiles(page, [file])
      await page.getByRole('main').or(page.getByRole('alert')).getByText(words).first().waitFor()
    }
    const stored = await page.evaluate(async () => (await indexedDB.databases()).length)
    expect(stored).toBe(1)
    await page.reload()
    await page.getByText('Moby-Dick').first().waitFor()
    expect(await page.getByText('photo').count()).toBe(0)
  })

  it('keeps one’s own settings when a link is broken or hostile', async () => {
    const profile = await fresh()
    for (const [code, words] of [
      ['AAAA', /link/i],
      [linkOf('', { sead: 1 }).slice(3), /sead.*did you mean seed/i],
      [linkOf('', { version: 99 }).slice(3), /newer Bunsen/i],
      [linkOf('', { model: { embedDim: -5 } }).slice(3), /embedDim.*between/i],
    ] as const) {
      const page = await profile.open(`${baseUrl}#c=${code}`)
      await page.getByText(words).first().waitFor()
      await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
      await page.close()
    }
  })

  it('trains on the CPU, and says so, where there is no adapter', async () => {
    const profile = await fresh({ hasGpu: false })
    const page = await profile.open(linkOf(baseUrl, tinyConfig({ steps: 5 })))
    await page
      .getByText(/WebGPU|GPU/)
      .first()
      .waitFor()
    await startRun(page)
    await waitForStep(page, 1)
    await waitForStatus(page, 'done')
    expect((await storedLosses(page)).size).toBe(5)
  })

  it('stops at a loss that is not a number, with the step, the tensor and what to try', async () => {
    const profile = await fresh()
    const config = {
      ...tinyConfig({ steps: 200 }),
      stages: [
        {
          totalSteps: 200,
          batchSize: 4,
          gradClipNorm: 0,
          optimizer: { learningRate: 100_000 },
          schedule: { kind: 'constant' },
        },
      ],
    }
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStatus(page, 'failed')
    await page
      .getByText(/diverged at step \d+: .*first non-finite tensor/)
      .first()
      .waitFor()
    await page
      .getByText(/Lower the learning rate/)
      .first()
      .waitFor()
  })
})

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import { expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { dropFiles, linkOf, profilesOfATest, startRun, storedEvents, waitForStatus } from './app.ts'

const openProfile = profilesOfATest()
const baseUrl = inject('baseUrl')

async function choosePreset(page: Page, title: string): Promise<void> {
  await page.getByLabel(/^Preset/).click()
  await page.getByRole('option', { name: title }).click()
}

/** What files hold decides what is offered to be learned from them. */
async function taskIs(page: Page, title: string): Promise<void> {
  const chosen = page.getByLabel('Task', { exact: true }).locator('option:checked')
  await expect.poll(() => chosen.innerText(), { timeout: 20_000 }).toBe(title)
}

it('trains a table from the first page to its picture, and shows it again after a reload', async () => {
  const { open, errors } = await openProfile()
  const page = await open(baseUrl)
  await choosePreset(page, 'Species of penguins')
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture.getByRole('table').waitFor()
  // Rows by species, each as many cells as species.
  expect(await picture.getByRole('rowheader').allInnerTexts()).toEqual(['Adelie', 'Chinstrap', 'Gentoo'])
  const accuracies = (await storedEvents(page)).flatMap(({ values }) => values?.['validation/accuracy'] ?? [])
  expect(accuracies.at(-1)).toBeGreaterThan(0.95)
  await picture.getByText('How sure it is, and how often right').click()
  const sure = await picture
    .getByRole('img', { name: /sure: \d+ items, \d+ % right/ })
    .getAttribute('aria-label')
  // Every item of the validation is in one bin.
  const counts = [...sure!.matchAll(/sure: (\d+) items/g)].map(([, count]) => Number(count))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(69)
  expect(await page.getByRole('heading', { name: 'Samples' }).count()).toBe(0)
  await page.getByRole('link', { name: 'Open the run' }).click()
  await page.reload()
  await picture.getByRole('table').waitFor()
  expect(errors).toEqual([])
})

it('says how far a number was missed', async () => {
  const { open, errors } = await openProfile()
  const page = await open(baseUrl)
  await choosePreset(page, 'Weights of penguins')
  await startRun(page)
  await waitForStatus(page, 'done')
  await page.getByRole('img', { name: /predictions from/ }).waitFor()
  const errorsInGrams = (await storedEvents(page)).flatMap(
    ({ values }) => values?.['validation/meanAbsoluteError'] ?? [],
  )
  // Saying the mean misses by about 650.
  expect(Math.min(...errorsInGrams)).toBeLessThan(350)
  expect(errors).toEqual([])
})

it('learns digits and shows its surest mistakes as pictures', async () => {
  const { open, errors } = await openProfile()
  const small = {
    name: 'Digits',
    task: 'image-classification',
    data: {
      source: { kind: 'bundled', id: 'digits' },
      split: { kind: 'random-items', fraction: 0.01 },
      sampler: { kind: 'shuffled-items' },
      images: { size: 14 },
    },
    model: { kind: 'vit', numLayers: 1, numHeads: 2, embedDim: 16, patchSize: 7 },
    stages: [{ totalSteps: 30, batchSize: 16, evaluateEvery: 30, optimizer: { learningRate: 0.003 } }],
    evaluation: { batches: 8 },
  }
  const page = await open(linkOf(baseUrl, small))
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture
    .getByRole('img', { name: /taken for/ })
    .first()
    .waitFor()
  expect(await picture.getByRole('img', { name: /taken for/ }).count()).toBe(12)
  expect(errors).toEqual([])
})

it('shows what a set of images and a table hold, and trains on them with a task that can', async () => {
  const { open, errors } = await openProfile()
  const page = await open(new URL('data', baseUrl).href)
  await page.getByText('Handwritten digits').first().click()
  await page
    .getByRole('img', { name: /^[0-9]$/ })
    .nth(59)
    .waitFor()
  await page.getByText('Palmer penguins').first().click()
  await page.getByRole('cell', { name: 'Torgersen' }).first().waitFor()
  await page.getByRole('button', { name: 'Train on it' }).click()
  await page.getByLabel(/^Preset: Species of penguins/).waitFor()
  expect(errors).toEqual([])
})

it('tells before a run that a table has no classes for its task', async () => {
  const { open } = await openProfile()
  const config = {
    task: 'table-classification',
    data: {
      source: { kind: 'bundled', id: 'penguins' },
      split: { kind: 'random-items' },
      sampler: { kind: 'shuffled-items' },
      table: { target: 'Body Mass (g)' },
    },
    model: { kind: 'mlp' },
  }
  const page = await open(linkOf(baseUrl, config))
  await page
    .getByText(/needs a target with classes, and this one is a number/)
    .first()
    .waitFor({ timeout: 60_000 })
})

it('learns from a folder of pictures by their folders, counting what is broken', async () => {
  const { open, errors } = await openProfile()
  const folder = join(mkdtempSync(join(tmpdir(), 'bunsen-pictures-')), 'shades')
  for (const [name, base] of Object.entries({ dark: 20, light: 200 })) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < 24; i++) {
      const data = Uint8Array.from({ length: 64 }, (_, at) => base + ((at * 7 + i * 13) % 50))
      writeFileSync(join(folder, name, `${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data }))
    }
  }
  writeFileSync(join(folder, 'dark', 'cut.png'), 'no picture')
  const page = await open(new URL('data', baseUrl).href)
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a folder' }).click()
  await (await chooser).setFiles(folder)
  await page.getByRole('heading', { name: 'shades' }).waitFor()
  await page.getByText('1 file could not be read and was left out: cut.png').waitFor()
  await page
    .getByRole('img', { name: /^(dark|light)$/ })
    .nth(47)
    .waitFor()
  await page.getByRole('link', { name: 'Go to Train' }).click()
  await startRun(page)
  await page.getByRole('button', { name: 'Stop' }).first().waitFor()
  await page.getByRole('region', { name: 'What the validation shows' }).getByRole('table').waitFor()
  expect(errors).toEqual([])
})

const quick = { batchSize: 8, evaluateEvery: 6, totalSteps: 6, optimizer: { learningRate: 0.003 } }
const items = { split: { kind: 'random-items', fraction: 0.02 }, sampler: { kind: 'shuffled-items' } }

it('learns digits without labels and shows which lie nearest', async () => {
  const { open, errors } = await openProfile()
  const config = {
    task: 'self-supervised',
    data: {
      ...items,
      source: { kind: 'bundled', id: 'digits' },
      images: { size: 14 },
      augmentations: [{ kind: 'crop-resize' }],
    },
    model: { kind: 'conv-net', widths: [8], blocksPerStage: 1 },
    stages: [{ ...quick, losses: [{ name: 'nt-xent' }] }],
    evaluation: { batches: 8 },
  }
  const page = await open(linkOf(baseUrl, config))
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture
    .getByRole('img', { name: /1\. nearest/ })
    .first()
    .waitFor()
  expect(await picture.getByRole('row').count()).toBe(8)
  const probes = (await storedEvents(page)).flatMap(({ values }) => values?.['validation/linearProbe'] ?? [])
  expect(probes).toHaveLength(1)
  expect(errors).toEqual([])
})

it('finds emoji by their names and names by their emoji', async () => {
  const { open, errors } = await openProfile()
  const config = {
    task: 'image-text',
    data: {
      ...items,
      source: { kind: 'bundled', id: 'emoji' },
      images: { size: 16 },
      tokenizer: { kind: 'words' },
    },
    model: {
      kind: 'dual-encoder',
      image: { numLayers: 1, numHeads: 2, embedDim: 16, patchSize: 8 },
      text: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
      projectionDim: 16,
    },
    stages: [{ ...quick, losses: [{ name: 'clip' }] }],
    evaluation: { batches: 4 },
  }
  const page = await open(linkOf(baseUrl, config))
  await page.getByRole('region', { name: 'What it learns from' }).getByRole('img').nth(11).waitFor()
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture.getByRole('heading', { name: 'Pictures found by their captions' }).waitFor()
  expect(await picture.getByRole('img', { name: /, 1\./ }).count()).toBe(6)
  const search = page.getByRole('region', { name: 'Search' })
  await search.getByLabel('Words').fill('red heart xyzzyq')
  await search.getByRole('button', { name: 'Search' }).click()
  await search.getByText('Not in what it has read, and left out: xyzzyq').waitFor()
  expect(await search.getByRole('list').getByRole('img').count()).toBe(12)
  const pixels = { width: 5, height: 5, channels: 3, data: new Uint8Array(75).fill(200) } as const
  const file = { name: 'grey.png', mimeType: 'image/png', buffer: Buffer.from(encodePng(pixels)) }
  await search.getByLabel('Picture').setInputFiles(file)
  await search.getByRole('img', { name: 'grey.png as the model sees it' }).waitFor()
  expect(await search.getByRole('list').getByRole('listitem').count()).toBe(12)
  await search.getByLabel('Picture').setInputFiles({ ...file, buffer: Buffer.from('no') })
  await search.getByText('grey.png cannot be read as a picture').first().waitFor()
  await page.getByRole('link', { name: 'Open the run' }).click()
  await page.reload()
  await picture.getByRole('heading', { name: 'Captions found by their pictures' }).waitFor()
  expect(errors).toEqual([])
})

it('learns to tell texts apart from a dropped table, whose task the page finds', async () => {
  const { open, errors } = await openProfile()
  const page = await open(baseUrl)
  await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
  const rows = Array.from({ length: 160 }, (_, i) => {
    const [mood, word] = i % 2 ? ['glad', 'lovely'] : ['sad', 'dreadful']
    return `the ${word} weather of day ${i} was all that anyone spoke about,${mood}`
  })
  await dropFiles(page, [{ name: 'weather.csv', content: ['text,label', ...rows, ''].join('\n') }])
  await taskIs(page, 'Text classification')
  const steps = page.getByRole('textbox', { name: 'Steps', exact: true })
  await steps.fill('30')
  await steps.blur()
  await startRun(page)
  await waitForStatus(page, 'done')
  const accuracies = (await storedEvents(page)).flatMap(({ values }) => values?.['validation/accuracy'] ?? [])
  expect(accuracies.at(-1)).toBe(1)
  expect(errors).toEqual([])
})

it('learns to match emoji and names, and shows what it took for what', async () => {
  const { open, errors } = await openProfile()
  const tower = { numLayers: 1, numHeads: 2, embedDim: 16 }
  const config = {
    task: 'image-text-matching',
    data: {
      ...items,
      source: { kind: 'bundled', id: 'emoji' },
      images: { size: 16 },
      tokenizer: { kind: 'words' },
    },
    model: {
      ...tower,
      kind: 'fusion',
      image: { ...tower, patchSize: 8 },
      text: { ...tower, seqLen: 8 },
    },
    stages: [{ ...quick, losses: [{ name: 'cross-entropy' }, { name: 'clip' }] }],
    evaluation: { batches: 4 },
  }
  const page = await open(linkOf(baseUrl, config))
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture.getByRole('table').waitFor()
  expect(await picture.getByRole('rowheader').allInnerTexts()).toEqual(['another’s', 'its own'])
  expect(errors).toEqual([])
})

it('learns to translate dropped pairs, says what it looks at and translates what is typed', async () => {
  const { open, errors } = await openProfile()
  const page = await open(baseUrl)
  await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
  const numbers = ['one\teins', 'two\tzwei', 'six\tsechs', 'ten\tzehn']
  const rows = Array.from({ length: 80 }, (_, i) => {
    const [first, second] = [numbers[i % 4]!.split('\t'), numbers[(i >> 2) % 4]!.split('\t')]
    return `${first[0]} ${second[0]}\t${first[1]} ${second[1]}`
  })
  await dropFiles(page, [{ name: 'pairs.tsv', content: ['en\tde', ...rows, ''].join('\n') }])
  await taskIs(page, 'Translation')
  await page.getByLabel('Kind of target', { exact: true }).selectOption({ label: 'Text' })
  const steps = page.getByRole('textbox', { name: 'Steps', exact: true })
  await steps.fill('6')
  await steps.blur()
  await startRun(page)
  await waitForStatus(page, 'done')
  const picture = page.getByRole('region', { name: 'What the validation shows' })
  await picture.getByRole('img', { name: /Attention over the source/ }).waitFor()
  expect(await picture.getByRole('row').count()).toBeGreaterThan(4)
  const results = page.getByRole('region', { name: 'Results' })
  await results.getByRole('textbox', { name: 'Text', exact: true }).fill('ten two')
  await results.getByRole('button', { name: 'Translate' }).click()
  await results.getByText(/ten two → /).waitFor()
  await page.getByRole('link', { name: 'Open the run' }).click()
  await page.reload()
  await picture.getByRole('img', { name: /Attention over the source/ }).waitFor()
  expect(errors).toEqual([])
})

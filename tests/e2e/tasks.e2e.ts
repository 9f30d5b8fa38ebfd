import { expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { linkOf, profilesOfATest, startRun, storedEvents, waitForStatus } from './app.ts'

const openProfile = profilesOfATest()
const baseUrl = inject('baseUrl')

async function choosePreset(page: Page, title: string): Promise<void> {
  await page.getByLabel(/^Preset/).click()
  await page.getByRole('option', { name: title }).click()
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
    .getByText(/needs items with labels, and these have none/)
    .first()
    .waitFor({ timeout: 60_000 })
})

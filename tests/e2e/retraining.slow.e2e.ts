import { expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { Generator } from '../../src/core/rng.ts'
import {
  dropFiles,
  linkOf,
  profilesOfATest,
  startRun,
  storedEvents,
  waitForStatus,
  type DroppedFile,
} from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

/** Two clouds that lie far apart; labels of the first rows of a file are those of the other. */
function clouds(name: string, rows: number, flipped: number): DroppedFile {
  const normals = new Generator(rows, 'clouds').normals(2 * rows, 0)
  const lines = Array.from({ length: rows }, (_, i) => {
    const side = i % 2
    const label = (i < flipped ? 1 - side : side) ? 'right' : 'left'
    return `${(normals[2 * i]! + 9 * side).toFixed(4)},${(normals[2 * i + 1]! + 9 * side).toFixed(4)},${label}`
  })
  return { name, content: ['x,y,label', ...lines, ''].join('\n') }
}

const config = {
  name: 'Clouds',
  task: 'table-classification',
  data: {
    source: { kind: 'bundled', id: 'penguins' },
    sampler: { kind: 'shuffled-items' },
  },
  model: { kind: 'mlp', hidden: { shape: 'even', width: 8, depth: 1 } },
  stages: [
    {
      totalSteps: 40,
      batchSize: 16,
      evaluateEvery: 20,
      monitor: 'validation/accuracy',
      optimizer: { learningRate: 0.05 },
    },
  ],
}

async function trained(page: Page): Promise<number[]> {
  await startRun(page)
  await waitForStatus(page, 'done')
  return (await storedEvents(page)).flatMap(({ values }) => values?.['validation/accuracy'] ?? [])
}

it('measures a run on the test part of dropped files, and shows what mended labels brought', async () => {
  const profile = await fresh()
  const page = await profile.open(linkOf(baseUrl, config))
  await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
  await dropFiles(page, [
    clouds('train.csv', 120, 12),
    clouds('valid.csv', 40, 10),
    clouds('test.csv', 50, 0),
  ])
  await page
    .locator('select option:checked', { hasText: /and 2 more/ })
    .first()
    .waitFor({ state: 'attached' })
  // By the names of the files.
  expect(await page.getByLabel('Split', { exact: true }).locator('option:checked').innerText()).toBe(
    'As given',
  )
  // What lies so far apart is told apart, but for the wrong labels of the validation part.
  expect(Math.max(...(await trained(page)))).toBe(0.75)

  const test = page.getByRole('region', { name: 'Test' })
  const measure = test.getByRole('button', { name: 'Measure on the test part' })
  await page.getByRole('link', { name: 'Open the run' }).click()
  await measure.click()
  await test.getByText('n = 50').waitFor()
  const cells = () =>
    test
      .getByRole('row', { name: /^Accuracy/ })
      .getByRole('cell')
      .allInnerTexts()
  const told = await cells()
  // By Wilson's interval of 30 of 40, and of 50 of 50.
  expect(told.map((cell) => cell.split(/\s+/))).toEqual([
    ['0.7500', '0.5981', 'to', '0.8581'],
    ['1.000', '0.9287', 'to', '1.000'],
  ])
  await page.reload()
  await measure.click()
  // The test part comes after the validation part.
  await test.getByText('n = 50').waitFor()
  await test.getByText(/^Evaluation: (\d+) of \1 steps reused/).waitFor()
  expect(await cells()).toEqual(told)

  // Another set that is dropped, whatever it is called: all of it, by what the model knows.
  await dropFiles(page, [clouds('later.csv', 30, 0)])
  await test.getByLabel('What it is measured on').selectOption({ label: 'later, all of it' })
  await test.getByRole('button', { name: 'Measure', exact: true }).click()
  await test.getByRole('columnheader', { name: 'later n = 30' }).waitFor()
  expect((await cells()).map((cell) => cell.split(/\s+/)[0])).toEqual(['1.000'])

  await page.goto(`${baseUrl}data`)
  await page
    .getByRole('navigation', { name: 'Data sets' })
    .getByText(/and 2 more/)
    .click()
  const panel = page.getByRole('region', { name: 'Check this data' })
  await panel.getByRole('button', { name: 'Check', exact: true }).click()
  await panel.getByText('22 labels are probably wrong.').waitFor()
  await panel.getByRole('button', { name: 'Take all 22 suggested labels' }).click()
  await panel.getByText('210 of 210 items, 22 labelled anew').waitFor()
  await panel.getByRole('button', { name: 'Make a new version' }).click()
  const brought = page.getByRole('region', { name: 'What the changes brought' })
  await brought.getByText('0.7500 before').waitFor()
  await brought.getByRole('button', { name: 'Train on this version' }).click()
  expect(Math.max(...(await trained(page)))).toBe(1)

  await page.goBack()
  await brought.getByText('1.000 after').waitFor()
  await brought.getByText('0.2500 better').waitFor()
  expect(profile.errors).toEqual([])
})

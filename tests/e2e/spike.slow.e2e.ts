import { expect, inject, it } from 'vitest'
import { Generator } from '../../src/core/rng.ts'
import { dropFiles, linkOf, profilesOfATest, startRun, waitForStatus } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

const rows = 300
/** Its decimal point was forgotten. */
const mistyped = 123

const config = {
  name: 'Weights',
  task: 'table-regression',
  data: {
    source: { kind: 'bundled', id: 'penguins' },
    split: { kind: 'random-items', fraction: 0.1 },
    sampler: { kind: 'shuffled-items' },
    table: { target: 'weight' },
  },
  model: { kind: 'mlp', hidden: { shape: 'even', width: 16, depth: 1 } },
  stages: [
    {
      totalSteps: 200,
      batchSize: 16,
      evaluateEvery: 20,
      losses: [{ name: 'mean-squared-error' }],
      optimizer: { learningRate: 0.01 },
    },
  ],
}

it('shows the batch at which the loss stood out, and in it the row that is wrong', async () => {
  const draws = new Generator(1, 'parcels')
  const lines = Array.from({ length: rows }, (_, row) => {
    const [length, width] = [0, 1].map((side) => 1 + 9 * draws.uniform(row, side))
    const weight = (length! + 2 * width!).toFixed(2)
    return `${length!.toFixed(2)},${width!.toFixed(2)},${row === mistyped ? weight.replace('.', '') : weight}`
  })
  const { open, errors } = await fresh()
  const page = await open(linkOf(baseUrl, config))
  await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor()
  await dropFiles(page, [{ name: 'parcels.csv', content: ['length,width,weight', ...lines, ''].join('\n') }])
  await page
    .locator('select option:checked', { hasText: /^\s*parcels / })
    .first()
    .waitFor({ state: 'attached' })
  await startRun(page)
  await waitForStatus(page, 'done')
  await page.getByText('One batch stood out').first().waitFor()
  await page
    .getByText(/The batch of step \d/)
    .last()
    .click()
  const [length, width, weight] = lines[mistyped]!.split(',')
  // Within the event: the highest loss comes first.
  const shown = await page.locator('li li').first().innerText()
  for (const value of [length!, width!, weight!]) expect(shown).toContain(String(Number(value)))
  expect(errors).toEqual([])
})

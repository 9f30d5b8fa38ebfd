import { expect, inject, it } from 'vitest'
import { Generator } from '../../src/core/rng.ts'
import { dropFiles, profilesOfATest } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

/** Ages around `mean`, with two columns that could be labels. */
function people(mean: number, name: string): string {
  const normals = new Generator(5, name).normals(120, 0)
  const rows = Array.from(normals, (normal, i) =>
    [(mean + 8 * normal).toFixed(1), i % 3 === 0 ? 'cat' : 'dog', i % 2 ? 'yes' : 'no'].join(),
  )
  return ['age,pet,member', ...rows, ''].join('\n')
}

it('holds a set to rules and another label, after a reload too, and says how it differs from a second one', async () => {
  const profile = await fresh()
  const page = await profile.open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  const sets = page.getByRole('navigation', { name: 'Data sets' })
  for (const [name, mean] of [
    ['before', 40],
    ['after', 60],
  ] as const) {
    await dropFiles(page, [{ name: `${name}.csv`, content: people(mean, name) }])
    await sets.getByText(name, { exact: true }).waitFor()
  }
  await sets.getByText('after', { exact: true }).click()
  const panel = page.getByRole('region', { name: 'Check this data' })
  await panel.getByText('Labels and rules of your own').click()
  await panel.getByLabel('Column with the labels').selectOption('pet')
  await panel.getByRole('button', { name: 'Add a rule' }).click()
  const rule = panel.getByRole('group', { name: 'Rule for age' })
  await rule.getByLabel('At most').fill('seventy')
  await panel.getByRole('button', { name: 'Check', exact: true }).click()
  await panel
    .getByText(/columns\."age"\.max: must be a number, got "seventy"/)
    .first()
    .waitFor()
  await rule.getByLabel('At most').fill('70')
  await panel.getByRole('button', { name: 'Check again' }).click()
  const broken = people(60, 'after')
    .split('\n')
    .slice(1, -1)
    .filter((row) => Number(row.split(',')[0]) > 70).length
  expect(broken).toBeGreaterThan(0)
  await panel.getByText(`${broken} of 120 rows hold what is no number up to 70 in age`).waitFor()

  const drift = page.getByRole('region', { name: 'Compare with another set' })
  await drift.getByLabel('The other set').selectOption('before')
  await drift.getByRole('button', { name: 'Compare', exact: true }).click()
  await drift.getByText(/1 of 3 columns differ: age\..*they differ\./).waitFor()
  expect(await drift.getByRole('row', { name: /^age/ }).innerText()).toMatch(/much/)
  expect(await drift.getByRole('row', { name: /^pet label/ }).innerText()).toMatch(/alike/)

  // What was asked is kept with the set, and what it found is found again.
  await page.reload()
  await sets.getByText('after', { exact: true }).click()
  await panel.getByText('Found stored').waitFor()
  await panel.getByText(`${broken} of 120 rows hold what is no number up to 70 in age`).waitFor()
  expect(await rule.getByLabel('At most').inputValue()).toBe('70')
  expect(await panel.getByLabel('Column with the labels').inputValue()).toBe('pet')
  expect(profile.errors).toEqual([])
})

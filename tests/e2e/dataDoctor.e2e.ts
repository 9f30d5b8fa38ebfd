import { readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { Generator } from '../../src/core/rng.ts'
import { dropFiles, profilesOfATest } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

/** Two clouds of points that their labels tell apart, but for these; the last row is a copy. */
const flipped = [7, 20, 41]
const csv = (() => {
  const normals = new Generator(3, 'data doctor').normals(160, 0)
  const rows = Array.from({ length: 80 }, (_, i) => {
    const side = i % 2
    const label = (flipped.includes(i) ? 1 - side : side) ? 'right' : 'left'
    return `${(normals[2 * i]! + 8 * side).toFixed(3)},${(normals[2 * i + 1]! + 8 * side).toFixed(3)},${label}`
  })
  return ['x,y,label', ...rows, rows[4]!, ''].join('\n')
})()

it('finds flipped labels and copies, makes a version without them, and knows after a reload what it found', async () => {
  const profile = await fresh()
  const page = await profile.open(`${baseUrl}data`)
  await page.getByText('Moby-Dick').first().waitFor()
  await dropFiles(page, [{ name: 'points.csv', content: csv }])
  const panel = page.getByRole('region', { name: 'Check this data' })
  await page.getByRole('textbox', { name: 'Name' }).waitFor()
  await panel.getByRole('button', { name: 'Check', exact: true }).click()
  await panel.getByText('3 labels are probably wrong.').waitFor()
  await panel.getByText('Items 4, 80 are the same.').waitFor()
  await panel.getByText('80 of 81 items, 1 left out, 3 labelled anew').waitFor()
  // One label stays as it was given.
  const first = panel.getByRole('group', { name: /What becomes of item (7|20|41)$/ }).first()
  await first.getByRole('button', { name: 'Keep' }).click()
  await panel.getByText('80 of 81 items, 1 left out, 2 labelled anew').waitFor()
  await panel.getByRole('button', { name: 'Take all 3 suggested labels' }).click()

  const saving = page.waitForEvent('download')
  await panel.getByRole('button', { name: 'Report as a page' }).click()
  const report = readFileSync(await (await saving).path(), 'utf8')
  expect(report).toContain('3 labels are probably wrong.')
  const address = page.url()

  await panel.getByRole('button', { name: 'Make a new version' }).click()
  const versions = page.getByRole('region', { name: 'Versions' })
  await versions.getByText('1 left out, 3 labelled anew').waitFor()
  await versions.getByRole('link', { name: 'points', exact: true }).waitFor()
  await page
    .getByRole('region', { name: 'What the changes brought' })
    .getByText(/Train on .* first/)
    .waitFor()
  await panel.getByRole('button', { name: 'Check', exact: true }).click()
  await panel.getByText('Nothing is wrong with it').waitFor()

  await page.goto(`${address.split('?')[0]}?set=points`)
  await page.getByRole('navigation', { name: 'Data sets' }).getByText('points', { exact: true }).click()
  await panel.getByText('Found stored').waitFor()
  await panel.getByText('3 labels are probably wrong.').waitFor()
  expect(profile.errors).toEqual([])
})

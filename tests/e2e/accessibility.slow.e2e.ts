import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, describe, expect, inject, it } from 'vitest'
import {
  canStart,
  linkOf,
  openProfile,
  startRun,
  tinyConfig,
  waitForStatus,
  waitForStep,
  type Profile,
} from './app.ts'

const baseUrl = inject('baseUrl')
const profiles: Profile[] = []
afterAll(async () => {
  await Promise.all(profiles.map((profile) => profile.close()))
})

describe('accessibility', () => {
  it('has nothing for axe to find on any page, light and dark, wide and narrow', async () => {
    const profile = await openProfile()
    profiles.push(profile)
    const page = await profile.open(
      linkOf(baseUrl, tinyConfig({ steps: 25, evaluation: { sampleEvery: 20, sampleTokens: 5 } })),
    )
    const found: string[] = []
    const check = async (name: string) => {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 })
        for (const colorScheme of ['light', 'dark'] as const) {
          // A colour that is still on its way from one theme to the other is none of either.
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          // A theme changes colours only.
          const axe = new AxeBuilder({ page })
          const { violations } = await (
            colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe
          ).analyze()
          for (const { id, nodes } of violations)
            found.push(
              `${name} ${width} ${colorScheme}: ${id} ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
            )
        }
      }
      await page.setViewportSize({ width: 1280, height: 800 })
    }
    await canStart(page)
    await check('train, before')
    await startRun(page)
    await waitForStatus(page, 'done')
    await check('train, after')
    await page.goto(`${baseUrl}data`)
    await page.getByText('Moby-Dick').first().waitFor()
    await check('data')
    await page.goto(`${baseUrl}runs`)
    await page.getByRole('row', { name: /Tiny/ }).first().waitFor()
    await check('runs')
    await page.getByRole('row', { name: /Tiny/ }).getByRole('link').first().click()
    await page
      .getByRole('button', { name: /Download/ })
      .first()
      .waitFor()
    await check('run')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    await check('commands')
    expect(found).toEqual([])
  }, 360_000)

  it('starts, pauses and stops by keys alone', async () => {
    const profile = await openProfile()
    profiles.push(profile)
    const page = await profile.open(linkOf(baseUrl, tinyConfig({ steps: 3000, isSlow: true })))
    await canStart(page)
    await page.keyboard.press('Control+Enter')
    await waitForStatus(page, 'running')
    await page.keyboard.press('p')
    await waitForStatus(page, 'paused')
    const before = Number(await page.locator('[data-step]').first().getAttribute('data-step'))
    await page.keyboard.press('s')
    await waitForStep(page, before + 1)
    await waitForStatus(page, 'paused')
  })
})

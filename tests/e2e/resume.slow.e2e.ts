import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import {
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

/** Long enough that a hand gets in between, on a fast machine too. */
const config = tinyConfig({ steps: 3000, isSlow: true })
const compared = 40

/** `until`: past any step that the page may still show from before it was disturbed. */
async function firstLosses(page: Page, until: number = compared): Promise<[number, number][]> {
  await waitForStatus(page, 'running')
  await waitForStep(page, until, 150_000)
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await waitForStatus(page, 'stopped')
  const losses = [...(await storedLosses(page))].filter(([step]) => step <= compared)
  return losses.sort(([a], [b]) => a - b)
}

/** Losses of steps 1 to 40 of a run that nothing happens to. */
async function undisturbed(): Promise<[number, number][]> {
  const profile = await fresh()
  const page = await profile.open(linkOf(baseUrl, config))
  await startRun(page)
  const losses = await firstLosses(page)
  expect(losses.map(([step]) => step)).toEqual(Array.from({ length: compared }, (_, i) => i + 1))
  return losses
}

describe('nothing is lost', () => {
  let expected: [number, number][]
  beforeAll(async () => {
    expected = await undisturbed()
  })

  it('goes on after a killed tab at the exact step, bit for bit', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStep(page, 21)
    const session = await profile.context.newCDPSession(page)
    const crashed = page.waitForEvent('crash')
    session.send('Page.crash').catch(() => {})
    await crashed

    const again = await profile.open(`${baseUrl}runs`)
    await again.getByRole('row', { name: /Tiny/ }).getByRole('link').first().click()
    await again
      .getByRole('button', { name: /^Continue/ })
      .first()
      .click()
    expect(await firstLosses(again, 160)).toEqual(expected)
  })

  it('survives a lost device in the middle of a run with the same numbers', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStep(page, 21)
    await profile.killGpu()
    await page
      .getByText(/GPU was lost/)
      .first()
      .waitFor({ timeout: 60_000 })
    expect(await firstLosses(page, 160)).toEqual(expected)
  })

  it('goes on by itself when its worker dies', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStep(page, 21)
    for (const worker of page.workers()) {
      if (worker.url().includes('train.worker')) void worker.evaluate(() => close()).catch(() => {})
    }
    await page
      .getByText(/worker was restarted/)
      .first()
      .waitFor({ timeout: 60_000 })
    expect(await firstLosses(page, 160)).toEqual(expected)
  })

  it('gives the same first losses in a fresh profile from a copied link', async () => {
    const first = await fresh()
    const page = await first.open(linkOf(baseUrl, tinyConfig({ steps: 20 })))
    await page
      .getByRole('button', { name: /Copy link/ })
      .first()
      .click()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    expect(link.startsWith(`${baseUrl}#c=`)).toBe(true)
    await startRun(page)
    await waitForStatus(page, 'done')

    const second = await fresh()
    const other = await second.open(link)
    await other
      .getByText(/differ from the defaults/)
      .first()
      .waitFor()
    await startRun(other)
    await waitForStatus(other, 'done')
    const losses = await storedLosses(other)
    expect(losses.size).toBe(20)
    expect(losses).toEqual(await storedLosses(page))
  })

  it('refuses to train one run in two tabs', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, tinyConfig({ steps: 2000, isSlow: true })))
    await startRun(page)
    await waitForStep(page, 20)
    await page.getByRole('button', { name: 'Checkpoint' }).first().click()
    const other = await profile.open(`${baseUrl}runs`)
    await other.getByRole('row', { name: /Tiny/ }).getByRole('link').first().click()
    // While it lives elsewhere, there is nothing to continue.
    await other
      .getByText(/running|paused/)
      .first()
      .waitFor()
    expect(
      await other
        .getByRole('button', { name: /^Continue/ })
        .first()
        .isDisabled(),
    ).toBe(true)
    await page.close()
    await other.reload()
    await other.getByText('interrupted').first().waitFor()
    expect(
      await other
        .getByRole('button', { name: /^Continue/ })
        .first()
        .isDisabled(),
    ).toBe(false)
  })
})

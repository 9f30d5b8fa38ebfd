import type { Page } from 'playwright'
import { describe, expect, inject, it } from 'vitest'
import { certificateIn, encodeCertificate } from '../../src/core/certificate.ts'
import { certificateFromLink } from '../../src/core/urlCodec.ts'
import { linkOf, profilesOfATest, startRun, storedLosses, tinyConfig, waitForStatus } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

async function copiedLink(page: Page): Promise<string> {
  await page
    .getByRole('button', { name: /Copy link/ })
    .first()
    .click()
  return page.evaluate(() => navigator.clipboard.readText())
}

describe('the link of a run', () => {
  it('says what came out of it, and a run of it whether the same came out', async () => {
    const first = await fresh()
    const page = await first.open(linkOf(baseUrl, tinyConfig({ steps: 24 })))
    await startRun(page)
    await waitForStatus(page, 'done')
    const link = await copiedLink(page)
    const certificate = certificateIn(certificateFromLink(link))!
    const losses = [...(await storedLosses(page)).values()]
    expect(certificate.losses).toEqual(losses.slice(0, 20))
    expect(certificate).toMatchObject({ adapter: expect.stringContaining('SwiftShader') as string })

    const second = await fresh()
    const other = await second.open(link)
    await other.getByText(/compared with the one that the link was made of/).waitFor()
    await startRun(other)
    await waitForStatus(other, 'done')
    await other.getByText(/first 20 updates are the same, bit for bit/).waitFor()
    // On the run's own page as well, read from what is stored, and its link says the same.
    await other.reload()
    await other.getByRole('link', { name: 'Runs', exact: true }).first().click()
    await other.getByRole('row', { name: /Tiny/ }).first().getByRole('link').first().click()
    await other.getByText(/first 20 updates are the same, bit for bit/).waitFor()
    expect(await copiedLink(other)).toBe(link)
    expect([...first.errors, ...second.errors]).toEqual([])
  })

  it('tells of other losses, and says nothing where settings were changed or it was cut off', async () => {
    const { open, errors } = await fresh()
    const bare = linkOf(baseUrl, tinyConfig({ steps: 3 }))
    const losses = [4.25, 9, 9].map(Math.fround)
    const made = { adapter: 'Another GPU', browser: 'Chromium 1', codeVersion: 'old', losses }
    const page = await open(`${bare}&r=${encodeCertificate(made)}`)
    await startRun(page)
    await waitForStatus(page, 'done')
    await page.getByText('Not the same as in the link').waitFor()
    await page.getByText(/There it ran on Another GPU in Chromium 1\. That was Bunsen old/).waitFor()

    const rate = page.getByLabel('Learning rate', { exact: true }).first()
    await rate.fill('0.02')
    await rate.blur()
    await startRun(page)
    await waitForStatus(page, 'done')
    await expect.poll(() => page.getByText('Not the same as in the link').count()).toBe(0)

    await page.goto(baseUrl)
    await page.goto(`${bare}&r=${encodeCertificate(made).slice(0, -5)}`)
    await page.getByText(/cannot be read: the link may have been cut off/).waitFor()
    await startRun(page)
    await waitForStatus(page, 'done')
    expect(errors).toEqual([])
  })
})

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import { openProfile, type Profile } from './app.ts'

let profile: Profile
let page: Page

beforeAll(async () => {
  profile = await openProfile()
  page = await profile.open(inject('baseUrl'))
})
afterAll(() => profile.close())

describe('the self-test', () => {
  it('runs by itself on the first visit, and finds every kernel right', async () => {
    await page.getByText(/self-test: \d+ kernels right$/).waitFor({ timeout: 120_000 })
    expect(await page.getByText(/found kernels wrong/).count()).toBe(0)
  })

  it('is not run again on the next one', async () => {
    const again = await profile.open(inject('baseUrl'))
    // Sooner than a test could begin, and complete at once.
    await again.getByText(/self-test/).waitFor()
    expect(await again.getByText(/self-test/).textContent()).toMatch(/self-test: \d+ kernels right$/)
    await again.close()
  })

  it('can be asked for again', async () => {
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/./).fill('test the kernels')
    await page.keyboard.press('Enter')
    await page.getByText(/self-test/).waitFor({ state: 'detached' })
    await page.getByText(/self-test: \d+ kernels right$/).waitFor({ timeout: 120_000 })
    expect(profile.errors).toEqual([])
  })
})

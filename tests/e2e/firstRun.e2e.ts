import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Page } from 'playwright'
import {
  linkOf,
  openProfile,
  startRun,
  storedEvents,
  tinyConfig,
  waitForStatus,
  waitForStep,
  type Profile,
} from './app.ts'
import { mainThreadTasks } from './mainThread.ts'

let profile: Profile
let page: Page
const baseUrl = inject('baseUrl')

beforeAll(async () => {
  profile = await openProfile()
  page = await profile.open(baseUrl)
})
afterAll(() => profile.close())

describe('a first visit', () => {
  it('opens on a ready task, and shows a first point soon after the button', async () => {
    await startRun(page)
    // Ten seconds are the interface's duty on two quiet cores; a loaded machine may take longer.
    await waitForStep(page, 1, 30_000)
  })

  it('shows loss, validation loss, rate, gradient norm and speed', async () => {
    await waitForStep(page, 50)
    for (const name of ['train loss', 'validation loss', 'learning rate', 'gradient norm', 'tokens/s']) {
      await page.getByText(name, { exact: true }).first().waitFor()
    }
    expect(await page.locator('canvas').count()).toBeGreaterThanOrEqual(3)
  })

  it('scrolls panes, never the page as a whole', async () => {
    const heights = await page.evaluate(() => {
      const { scrollHeight, clientHeight } = document.scrollingElement!
      return { scrollHeight, clientHeight }
    })
    expect(heights.scrollHeight).toBe(heights.clientHeight)
  })

  it('measures a step while it goes on, shows its kernels or why there are none, and saves a trace', async () => {
    await page.getByRole('button', { name: 'Measure a step' }).click()
    const lens = page.getByRole('region', { name: 'Performance' })
    const table = lens.getByRole('table', { name: 'Kernels of the measured step' })
    const reason = lens.getByText(/cannot be timed|were not timed/)
    await table.or(reason).first().waitFor({ timeout: 60_000 })
    await lens.getByText('Memory of the run').waitFor()
    const hasTimes = await table.isVisible()
    if (hasTimes) {
      await table
        .getByRole('button', { name: /^matmul/i })
        .first()
        .click()
      // Some row: more steps are timed meanwhile, and the order of rows may change with each.
      await table.locator('[aria-expanded="true"]').waitFor()
      await table.getByText('#', { exact: false }).first().waitFor()
    }
    const download = page.waitForEvent('download')
    await lens.getByRole('button', { name: 'Save trace' }).click()
    const trace = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
      traceEvents: { ph: string; cat?: string }[]
      metadata: { step: number }
    }
    expect(trace.metadata.step).toBeGreaterThan(0)
    const onGpu = trace.traceEvents.filter(({ ph, cat }) => ph === 'X' && cat === 'gpu')
    if (hasTimes) expect(onGpu.length).toBeGreaterThan(20)
    else expect(onGpu).toEqual([])
    await lens.getByRole('button', { name: 'Performance' }).click()
  })

  it('pauses, does one step, changes the learning rate, resumes, and stops', async () => {
    await page.getByRole('button', { name: 'Pause' }).first().click()
    await waitForStatus(page, 'paused')
    const paused = Number(await page.locator('[data-step]').first().getAttribute('data-step'))
    await page.waitForTimeout(1000)
    expect(Number(await page.locator('[data-step]').first().getAttribute('data-step'))).toBe(paused)
    await page.getByRole('button', { name: 'Step', exact: true }).click()
    await waitForStep(page, paused + 1)
    await waitForStatus(page, 'paused')
    expect(Number(await page.locator('[data-step]').first().getAttribute('data-step'))).toBe(paused + 1)
    const rate = page.getByRole('group', { name: 'Run', exact: true }).getByLabel('Learning rate')
    await rate.fill('0.002')
    await rate.press('Enter')
    await page.getByRole('button', { name: 'Resume' }).first().click()
    await waitForStep(page, paused + 5)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await waitForStatus(page, 'stopped')
    const events = await storedEvents(page)
    expect(events.filter(({ type }) => type === 'edit')).toHaveLength(1)
    expect(events.some(({ type }) => type === 'checkpoint')).toBe(true)
  })

  it('never computes longer than 50 ms at a time on the page’s own thread while it trains', async () => {
    await page.goto(linkOf(baseUrl, tinyConfig({ steps: 120 })))
    await page.reload()
    await startRun(page)
    await waitForStep(page, 2)
    const tasks = await mainThreadTasks(page, () => waitForStatus(page, 'done'))
    expect(tasks.length).toBeGreaterThan(100)
    expect(tasks.filter((ms) => ms > 50)).toEqual([])
  })

  it('told of no error on the way', () => {
    expect(profile.errors).toEqual([])
  })
})

import { describe, expect, inject, it } from 'vitest'
import {
  linkOf,
  profilesOfATest,
  startRun,
  storedLosses,
  tinyConfig,
  waitForStatus,
  waitForStep,
  type Profile,
} from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

const slow = tinyConfig({ steps: 20_000, isSlow: true, evaluation: { checkpointEvery: 10_000 } })
/** No checkpoint comes by itself, neither in turn nor as the best: one that is there was asked for. */
const config = {
  ...slow,
  stages: [{ totalSteps: 20_000, batchSize: 8, evaluateEvery: 10_000, optimizer: { learningRate: 0.01 } }],
}

/** A tab beside those that Playwright looks after: theirs never say that they are hidden. */
async function openPlainTab(profile: Profile, url: string) {
  const session = await profile.context.browser()!.newBrowserCDPSession()
  const { targetId } = await session.send('Target.createTarget', { url })
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  const waiting = new Map<number, (value: unknown) => void>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { id: number; result?: { result?: { value?: unknown } } }
    waiting.get(id)?.(result?.result?.value)
  })
  const send = (method: string, params: object) => {
    const id = waiting.size + 1
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve))
    const message = JSON.stringify({ id, method, params })
    return session.send('Target.sendMessageToTarget', { sessionId, message }).then(() => answer)
  }
  return {
    send,
    ask: (expression: string) =>
      send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }),
    async hide() {
      const other = await session.send('Target.createTarget', { url: 'about:blank' })
      await session.send('Target.activateTarget', other)
    },
  }
}

/** The step that the page of a plain tab shows; -1 where it shows none. */
const shownStep = `Number(document.querySelector('[data-step]')?.dataset.step ?? -1)`
const pressStart = `(() => {
  const buttons = [...document.querySelectorAll('button:not([aria-disabled="true"])')]
  const start = buttons.find((button) => button.textContent.trim() === 'Start')
  start?.click()
  return start !== undefined
})()`
/** Steps done, and the kept checkpoints that were asked for, as stored. */
const stored = `(async () => {
  const db = await new Promise((resolve) => {
    const request = indexedDB.open('bunsen')
    request.onsuccess = () => resolve(request.result)
  })
  const chunks = await new Promise((resolve) => {
    const request = db.transaction('log').objectStore('log').getAll()
    request.onsuccess = () => resolve(request.result)
  })
  db.close()
  const events = chunks.flatMap((chunk) => chunk.entries.map((entry) => entry.event))
  return {
    steps: events.filter((event) => event.type === 'metrics' && 'train/loss' in event.values).length,
    kept: events.filter((event) => event.type === 'checkpoint' && event.slot === 'latest').length,
  }
})()`
interface Stored {
  steps: number
  kept: number
}

/** Steps that get stored in some seconds. */
async function pace(ask: (expression: string) => Promise<unknown>): Promise<number> {
  const before = (await ask(stored)) as Stored
  await new Promise((resolve) => setTimeout(resolve, 8000))
  return ((await ask(stored)) as Stored).steps - before.steps
}

const wait = { timeout: 60_000, interval: 200 }

describe('a tab that nobody looks at', () => {
  it('keeps a checkpoint when it is hidden, and trains on at the same pace', async () => {
    const { ask, hide, send } = await openPlainTab(await fresh(), linkOf(baseUrl, config))
    await expect.poll(() => ask(pressStart), wait).toBe(true)
    await expect.poll(() => ask(shownStep), wait).toBeGreaterThan(30)
    expect(await ask('document.visibilityState')).toBe('visible')
    const seen = await pace(ask)
    expect(((await ask(stored)) as Stored).kept).toBe(0)
    await hide()
    await expect.poll(() => ask('document.visibilityState'), wait).toBe('hidden')
    const unseen = await pace(ask)
    expect(await ask('document.visibilityState')).toBe('hidden')
    // A throttled loop would do a step a second or fewer; two shared cores vary by far less.
    expect(unseen).toBeGreaterThan(seen * 0.5)
    expect(((await ask(stored)) as Stored).kept).toBe(1)

    // A browser freezes only what is hidden, worker and all. Thawed, the run goes on and keeps what it was told to.
    await ask("document.addEventListener('freeze', () => (document.title = 'frozen'))")
    await send('Page.setWebLifecycleState', { state: 'frozen' })
    await send('Page.setWebLifecycleState', { state: 'active' })
    expect(await ask('document.title')).toBe('frozen')
    const { steps } = (await ask(stored)) as Stored
    await expect.poll(async () => ((await ask(stored)) as Stored).kept, wait).toBe(2)
    await expect.poll(async () => ((await ask(stored)) as Stored).steps, wait).toBeGreaterThan(steps)
  })
})

describe('a page that is left while its run goes on', () => {
  it('makes the browser ask first, and keeps a checkpoint while it does', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStep(page, 60)
    const asked: string[] = []
    page.on('dialog', async (dialog) => {
      asked.push(dialog.type())
      await new Promise((resolve) => setTimeout(resolve, 3000))
      await dialog.accept()
    })
    await page.goto(`${baseUrl}runs`)
    expect(asked).toEqual(['beforeunload'])
    await page.getByRole('row', { name: /Tiny/ }).getByRole('link').first().click()
    await page
      .getByRole('button', { name: /^Continue/ })
      .first()
      .click()
    await waitForStatus(page, 'running')
    // A pause before the first update has nothing new to keep.
    const resumedAt = Number(await page.locator('[data-step]').first().getAttribute('data-step'))
    // The next one of its own would have come much later.
    expect(resumedAt).toBeGreaterThanOrEqual(60)
    await waitForStep(page, resumedAt + 5)
    await page.getByRole('button', { name: 'Pause' }).first().click()
    await waitForStatus(page, 'paused')
    const steps = [...(await storedLosses(page)).keys()]
    expect(steps.length).toBe(Math.max(...steps))
    await page.goto(baseUrl)
    expect(asked).toEqual(['beforeunload'])
  })
})

describe('a worker that dies in a pause', () => {
  it('comes back to the pause, at the step that it paused at', async () => {
    const profile = await fresh()
    const page = await profile.open(linkOf(baseUrl, config))
    await startRun(page)
    await waitForStep(page, 20)
    await page.getByRole('button', { name: 'Pause' }).first().click()
    await waitForStatus(page, 'paused')
    const step = await page.locator('[data-step]').first().getAttribute('data-step')
    for (const worker of page.workers()) {
      if (worker.url().includes('train.worker')) void worker.evaluate(() => close()).catch(() => {})
    }
    await page
      .getByText(/worker was restarted/)
      .first()
      .waitFor({ timeout: 60_000 })
    await waitForStatus(page, 'paused')
    await page.waitForTimeout(1500)
    expect(await page.locator('[data-step]').first().getAttribute('data-step')).toBe(step)
    await page.getByRole('button', { name: 'Resume' }).first().click()
    await waitForStep(page, Number(step) + 5)
  })
})

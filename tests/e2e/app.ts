import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { afterEach } from 'vitest'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { canonicalJson } from '../../src/core/canonicalJson.ts'
import { crc32 } from '../../src/core/crc32.ts'
import { toBase64Url } from '../../src/core/packedJson.ts'
import { chromiumArgs, findChromium } from '../setup/chromium.mjs'

/** A browser of its own with an empty profile: storage lasts from page to page, and ends with `close`. */
export interface Profile {
  context: BrowserContext
  /** Errors of all pages: exceptions and console errors. */
  errors: string[]
  open(url: string): Promise<Page>
  /** Ends the browser's GPU process, as a driver's crash does: every device is lost. */
  killGpu(): Promise<void>
  /** Most memory that each kind of the browser's processes has held so far, from Linux's /proc. */
  peakBytes(): Promise<Record<string, number>>
  close(): Promise<void>
}

export interface ProfileOptions {
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  /** False: no flag lets headless Chromium have WebGPU, so there is no adapter. */
  hasGpu?: boolean
  /** Where the profile lies; by default in memory. */
  folder?: string
}

export async function openProfile(options: ProfileOptions = {}): Promise<Profile> {
  const { viewport = { width: 1280, height: 800 }, colorScheme = 'light', hasGpu = true, folder } = options
  const executablePath = await findChromium()
  const launch = {
    ...(executablePath && { executablePath }),
    args: hasGpu
      ? [...chromiumArgs]
      : [...chromiumArgs.filter((arg) => !arg.includes('webgpu')), '--disable-gpu'],
  }
  const of = {
    viewport,
    colorScheme,
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  }
  const { context, browser } = await (folder === undefined
    ? openInMemory(launch, of)
    : openInFolder(folder, launch, of))
  const errors: string[] = []
  return {
    context,
    errors,
    async open(url) {
      const page = await context.newPage()
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      await page.goto(url)
      return page
    },
    async killGpu() {
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      const gpu = processInfo.find(({ type }) => type === 'GPU')
      if (!gpu)
        throw new Error(`the browser has no GPU process: ${processInfo.map(({ type }) => type).join(', ')}`)
      process.kill(gpu.id, 'SIGKILL')
    },
    async peakBytes() {
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      const peaks: Record<string, number> = {}
      for (const { type, id } of processInfo) {
        const status = readFileSync(`/proc/${id}/status`, 'utf8')
        const bytes = Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) * 1024
        peaks[type] = Math.max(peaks[type] ?? 0, bytes)
      }
      return peaks
    },
    close: () => browser.close(),
  }
}

type Launch = NonNullable<Parameters<typeof chromium.launch>[0]> & { args: string[] }
type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>

async function openInMemory(launch: Launch, of: ContextOptions) {
  const browser = await chromium.launch(launch)
  return { browser, context: await browser.newContext(of) }
}

async function openInFolder(folder: string, { args, ...launch }: Launch, of: ContextOptions) {
  // Caches would grow into the space that a test counts on.
  const quiet = [...args, '--disk-cache-size=1', '--disable-gpu-shader-disk-cache']
  const context = await chromium.launchPersistentContext(folder, { ...launch, ...of, args: quiet })
  return { context, browser: context.browser()! }
}

/** Opens profiles that end with the test that opened them. */
export function profilesOfATest(): (options?: ProfileOptions) => Promise<Profile> {
  const open: Profile[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((profile) => profile.close()))
  })
  return async (options) => {
    const profile = await openProfile(options)
    open.push(profile)
    return profile
  }
}

/** A share link for a partial configuration, made here with Node's zlib rather than with the page's own codec. */
export function linkOf(baseUrl: string, partial: object): string {
  const body = deflateRawSync(Buffer.from(canonicalJson(partial)))
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = 1
  new DataView(bytes.buffer).setUint32(1, crc32(body))
  bytes.set(body, 5)
  return `${baseUrl}#c=${toBase64Url(bytes)}`
}

interface TinyChanges {
  steps?: number
  evaluation?: object
  source?: object
  /** Several times the work, for tests that must get a hand in between two steps. */
  isSlow?: boolean
}

/** Small enough for a software GPU to train while a test waits. */
export function tinyConfig(changes: TinyChanges = {}): object {
  const size = changes.isSlow
    ? { numLayers: 1, embedDim: 32, seqLen: 32 }
    : { numLayers: 1, embedDim: 16, seqLen: 16 }
  return {
    name: 'Tiny',
    seed: 7,
    data: { source: changes.source ?? { kind: 'bundled', id: 'moby-dick-opening' } },
    model: { ...size, numHeads: 2, dropoutRate: 0.1 },
    stages: [
      {
        totalSteps: changes.steps ?? 40,
        batchSize: changes.isSlow ? 8 : 4,
        evaluateEvery: 20,
        optimizer: { learningRate: 0.01 },
      },
    ],
    evaluation: { batches: 1, sampleEvery: 0, checkpointEvery: 20, ...changes.evaluation },
  }
}

interface StoredEvent {
  type: string
  step: number
  values?: Record<string, number>
}

/** All stored events of the newest run, read from IndexedDB as any program could. */
export async function storedEvents(page: Page): Promise<StoredEvent[]> {
  return page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('bunsen')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('open'))
    })
    const all = <T>(store: string) =>
      new Promise<T[]>((resolve, reject) => {
        const request = db.transaction(store).objectStore(store).getAll()
        request.onsuccess = () => resolve(request.result as T[])
        request.onerror = () => reject(request.error ?? new Error(store))
      })
    const runs = await all<{ id: string; createdAt: number }>('runs')
    const newest = runs.sort((a, b) => b.createdAt - a.createdAt)[0]
    const chunks = await all<{ runId: string; entries: { event: unknown }[] }>('log')
    db.close()
    return chunks
      .filter((chunk) => chunk.runId === newest?.id)
      .flatMap((chunk) => chunk.entries.map((entry) => entry.event)) as { type: string; step: number }[]
  })
}

/** Training loss by step. */
export async function storedLosses(page: Page): Promise<Map<number, number>> {
  const losses = new Map<number, number>()
  for (const { type, step, values } of await storedEvents(page)) {
    const loss = values?.['train/loss']
    if (type === 'metrics' && loss !== undefined) losses.set(step, loss)
  }
  return losses
}

/** Presses Start once it can be pressed. */
export async function startRun(page: Page): Promise<void> {
  await canStart(page)
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
}

/** Start is never taken away from the keyboard: it says in `aria-disabled` whether it would do anything. */
export async function canStart(page: Page, isPossible = true): Promise<void> {
  const state = isPossible ? ':not([aria-disabled="true"])' : '[aria-disabled="true"]'
  await page
    .locator(`button${state}`, { hasText: /^\s*Start\s*$/ })
    .first()
    .waitFor({ timeout: 60_000 })
}

/** Waits until the progress says that a step is reached. */
export async function waitForStep(page: Page, step: number, timeout = 60_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const shown = document.querySelector('[data-step]')?.getAttribute('data-step')
      return shown !== null && shown !== undefined && Number(shown) >= wanted
    },
    step,
    { timeout },
  )
}

/** Waits for a state of the run; one that never comes is told with what the page shows instead. */
export async function waitForStatus(page: Page, status: string, timeout = 240_000): Promise<void> {
  try {
    await page.waitForSelector(`[data-status="${status}"]`, { timeout, state: 'attached' })
  } catch (cause) {
    const shown = await page.locator('[data-status]').first().getAttribute('data-status').catch(String)
    const text = await page.locator('body').innerText()
    throw new Error(`The status is ${shown}, not ${status}; the page shows:\n${text}`, { cause })
  }
}

export interface DroppedFile {
  name: string
  content: string | number[]
}

/** Drops files on the page as a hand would: the browser's own events, with real `File`s. */
export async function dropFiles(page: Page, files: DroppedFile[]): Promise<void> {
  await page.evaluate((dropped) => {
    const transfer = new DataTransfer()
    for (const { name, content } of dropped) {
      const part = typeof content === 'string' ? content : new Uint8Array(content)
      transfer.items.add(new File([part], name))
    }
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }),
      )
    }
  }, files)
}

/** Drops files of the disk; by their paths, since what goes through the browser's debugging protocol is held whole. */
export async function dropPaths(page: Page, paths: readonly string[]): Promise<void> {
  const input = await page.evaluateHandle(() =>
    Object.assign(document.createElement('input'), { type: 'file', multiple: true }),
  )
  await input.setInputFiles([...paths])
  await input.evaluate(({ files }) => {
    const transfer = new DataTransfer()
    for (const file of files!) transfer.items.add(file)
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }),
      )
    }
  })
}

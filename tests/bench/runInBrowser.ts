import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { BunsenError } from '../../src/core/errors.ts'
import { projectFolder } from '../../src/headless/projectFolder.ts'
import { createStaticServer } from '../../src/headless/staticServer.mjs'
import { chromiumArgs, findChromium } from '../setup/chromium.mjs'
import type { BenchOptions, BenchRun } from './runBench.ts'
// For the functions that the page offers.
import type {} from './page/main.ts'

/** The same measurement in headless Chromium: the code is bundled, served from this machine, and sends its numbers back. */
export async function runInBrowser(options: BenchOptions, note: (line: string) => void): Promise<BenchRun> {
  const server = createStaticServer(await buildPage())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let opened: { browser: Browser; page: Page } | null = null
  try {
    opened = await openPage(`http://127.0.0.1:${port}/`, note)
    return await opened.page.evaluate((given) => window.runBunsenBench(given), options)
  } finally {
    await opened?.browser.close()
    server.close()
  }
}

async function buildPage(): Promise<string> {
  const root = projectFolder()
  const outDir = join(root, '.cache', 'bench-page')
  const { build } = await import('vite')
  await build({
    configFile: false,
    root: join(root, 'tests', 'bench', 'page'),
    base: './',
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'esnext', modulePreload: false, chunkSizeWarningLimit: 8000 },
  })
  return outDir
}

/** On the machine's own adapter; on Chromium's software one where it offers none. */
async function openPage(
  address: string,
  note: (line: string) => void,
): Promise<{ browser: Browser; page: Page }> {
  const executablePath = await findChromium()
  if (executablePath === null) {
    throw new BunsenError('bench --browser: needs Chromium or Chrome, found none', {
      code: 'no-browser',
      remedy: 'Install one, or set CHROME_PATH to its program.',
    })
  }
  const { chromium } = await import('playwright')
  const isSoftwareFlag = (flag: string) => flag.startsWith('--use-webgpu-adapter')
  const ownAdapter = [...chromiumArgs.filter((flag) => !isSoftwareFlag(flag)), '--enable-features=Vulkan']
  for (const args of [ownAdapter, [...chromiumArgs]]) {
    const browser = await chromium.launch({ executablePath, args })
    const page = await browser.newPage()
    await page.exposeFunction('benchNote', note)
    await page.goto(address)
    await page.waitForFunction(() => typeof window.hasAdapter === 'function')
    if (await page.evaluate(() => window.hasAdapter())) return { browser, page }
    await browser.close()
  }
  throw new BunsenError('bench --browser: the browser offers no WebGPU adapter', { code: 'no-adapter' })
}
